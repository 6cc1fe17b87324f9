/**
 * Alert fan-out: deduplicates alerts and splits each into one order per segment.
 */
@NullMarked
package io.penstock.alert;

import org.jspecify.annotations.NullMarked;
