/**
 * Tests of the embedded broker, and the one broker that other tests share.
 */
@NullMarked
package io.penstock.broker;

import org.jspecify.annotations.NullMarked;
