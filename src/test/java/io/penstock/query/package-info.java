/** Tests of interactive queries. */
@NullMarked
package io.penstock.query;

import org.jspecify.annotations.NullMarked;
