package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.ChatReply;
import io.penstock.serde.Decoded;
import io.penstock.stage.CallException;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.kafka.common.header.Headers;

/**
 * Writes replies to the topics of others. Those to one request go one after the other: the key is the lane.
 *
 * <p>Once a part could not be delivered, later parts of its reply are dropped, since they are worth nothing without it. The last record
 * holds the whole reply, and is tried all the same.
 */
final class DeliveryCalls implements StageFunction<String, Decoded<ChatReply>, DeliveryCalls.Delivered> {
    /** Before a reply is kept as a dead letter. */
    static final int ATTEMPTS = 3;

    private static final int MOST_BROKEN = 1_000;

    private final ReplyTopics topics;
    /** Replies of which a part is missing where they go, until their last record comes. */
    private final Set<ReplyAddress> broken = new LinkedHashSet<>();

    DeliveryCalls(ReplyTopics topics) {
        this.topics = topics;
    }

    /** The reply has arrived. */
    record Delivered() {}

    @Override
    public Step<Delivered> prepare(String key, Decoded<ChatReply> reply, Headers headers, int attempt) {
        ReplyAddress address = ReplyAddress.of(headers);
        if (reply.value().getLast()) {
            becomes(address, false);
            return new Step.Call<>(_ -> deliver(address, key, reply, headers));
        }
        if (isBroken(address)) {
            return new Step.Drop<>();
        }
        return new Step.Call<>(_ -> {
            try {
                return deliver(address, key, reply, headers);
            } catch (CallException | InterruptedException | RuntimeException e) {
                if (attempt >= ATTEMPTS || (e instanceof CallException failure && failure.isPermanent())) {
                    becomes(address, true);
                }
                throw e;
            }
        });
    }

    private Delivered deliver(ReplyAddress address, String key, Decoded<ChatReply> reply, Headers headers)
            throws CallException, InterruptedException {
        topics.send(address.topic(), address.partition(), key.getBytes(UTF_8), reply.bytes(), headers);
        return new Delivered();
    }

    private boolean isBroken(ReplyAddress address) {
        synchronized (broken) {
            return broken.contains(address);
        }
    }

    private void becomes(ReplyAddress address, boolean isBroken) {
        synchronized (broken) {
            if (!isBroken) {
                broken.remove(address);
            } else if (broken.add(address) && broken.size() > MOST_BROKEN) {
                broken.remove(broken.iterator().next()); // its last record never came
            }
        }
    }
}
