/** Chat: questions come in on one Kafka topic, cited answers go out on another, and a bridge joins the two for HTTP callers. */
@NullMarked
package io.penstock.chat;

import org.jspecify.annotations.NullMarked;
