/** Tests of what stands between HTTP and Penstock. */
@NullMarked
package io.penstock.http;

import org.jspecify.annotations.NullMarked;
