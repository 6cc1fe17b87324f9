/** The application: settings, start and stop, and how the parts are put together. */
@NullMarked
package io.penstock.app;

import org.jspecify.annotations.NullMarked;
