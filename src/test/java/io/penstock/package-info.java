/** Tests of Penstock as a whole: what holds between its packages. */
@NullMarked
package io.penstock;

import org.jspecify.annotations.NullMarked;
