/** Schedules: alerts that Penstock publishes itself, each due time once. */
@NullMarked
package io.penstock.schedule;

import org.jspecify.annotations.NullMarked;
