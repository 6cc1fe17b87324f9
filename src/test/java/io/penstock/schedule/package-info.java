/** Tests of schedules. */
@NullMarked
package io.penstock.schedule;

import org.jspecify.annotations.NullMarked;
