/** The launcher, {@code ./penstock}, run as its users run it, over a stand-in for the application that starts at once. */
@NullMarked
package io.penstock.launcher;

import org.jspecify.annotations.NullMarked;
