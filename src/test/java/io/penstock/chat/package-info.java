/** Tests of chat. */
@NullMarked
package io.penstock.chat;

import org.jspecify.annotations.NullMarked;
