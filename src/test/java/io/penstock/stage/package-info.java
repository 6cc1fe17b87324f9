/** Tests of the durable asynchronous stage, with a clock and an executor that are driven by hand. */
@NullMarked
package io.penstock.stage;

import org.jspecify.annotations.NullMarked;
