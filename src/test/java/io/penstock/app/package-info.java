/** Tests of the wiring and of what the application reads from its surroundings. */
@NullMarked
package io.penstock.app;

import org.jspecify.annotations.NullMarked;
