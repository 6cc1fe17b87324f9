/**
 * Capture: the sources that content comes from, what they may reach, and the topology that runs them.
 */
@NullMarked
package io.penstock.capture;

import org.jspecify.annotations.NullMarked;
