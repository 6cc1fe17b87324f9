/** Integration tests: the packaged application in a process of its own, used as people and other programs use it. */
@NullMarked
package io.penstock.it;

import org.jspecify.annotations.NullMarked;
