/** Tests of the vector index. */
@NullMarked
package io.penstock.vector;

import org.jspecify.annotations.NullMarked;
