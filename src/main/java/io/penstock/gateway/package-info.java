/** The gateway: what callers may order. Creates and deletes topics and segments, and takes collections. */
@NullMarked
package io.penstock.gateway;

import org.jspecify.annotations.NullMarked;
