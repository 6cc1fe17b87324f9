/** The command line against a server on the loopback address that speaks the HTTP API, well and badly. */
@NullMarked
package io.penstock.cli;

import org.jspecify.annotations.NullMarked;
