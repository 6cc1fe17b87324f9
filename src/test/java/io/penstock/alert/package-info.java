/** Tests of the fan-out of alerts. */
@NullMarked
package io.penstock.alert;

import org.jspecify.annotations.NullMarked;
