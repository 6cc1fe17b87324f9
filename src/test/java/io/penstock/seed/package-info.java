@NullMarked
package io.penstock.seed;

import org.jspecify.annotations.NullMarked;
