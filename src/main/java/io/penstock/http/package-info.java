/** The HTTP API: authentication, resources, and problems as RFC 9457 has them. */
@NullMarked
package io.penstock.http;

import org.jspecify.annotations.NullMarked;
