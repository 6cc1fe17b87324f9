/** Tests of the gateway. */
@NullMarked
package io.penstock.gateway;

import org.jspecify.annotations.NullMarked;
