/** Checks what several threads touch, in every interleaving of small scenarios. */
@NullMarked
package io.penstock.concurrency;

import org.jspecify.annotations.NullMarked;
