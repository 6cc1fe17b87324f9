/**
 * The files of the configuration folder: what they seed the catalog, the processors and the schedule with.
 */
@NullMarked
package io.penstock.seed;

import org.jspecify.annotations.NullMarked;
