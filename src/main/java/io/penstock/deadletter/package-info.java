/**
 * Dead letters: what could not be processed, with its original bytes and the error in headers.
 */
@NullMarked
package io.penstock.deadletter;

import org.jspecify.annotations.NullMarked;
