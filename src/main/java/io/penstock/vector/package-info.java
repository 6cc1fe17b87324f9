/**
 * The vector index as a state store, and search over it.
 */
@NullMarked
package io.penstock.vector;

import org.jspecify.annotations.NullMarked;
