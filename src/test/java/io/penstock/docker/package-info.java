/** What can be known about the files under {@code docker/} without a container engine. */
@NullMarked
package io.penstock.docker;

import org.jspecify.annotations.NullMarked;
