/**
 * The stable error codes that callers, dead letters, runs and metrics share.
 */
@NullMarked
package io.penstock.error;

import org.jspecify.annotations.NullMarked;
