package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Question.Exchange;
import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/** How often the store is asked, which on disk takes a good part of the time of a short answer. */
class ConversationsTest {
    private final Map<String, Conversation> stored = new HashMap<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final Conversations conversations = new Conversations(store(), ChatSettings.DEFAULT);

    @SuppressWarnings("unchecked")
    private KeyValueStore<String, Conversation> store() {
        return (KeyValueStore<String, Conversation>) Proxy.newProxyInstance(
                ConversationsTest.class.getClassLoader(),
                new Class<?>[] {KeyValueStore.class},
                (_, method, arguments) -> switch (method.getName()) {
                    case "get" -> {
                        reads.incrementAndGet();
                        yield stored.get(arguments[0]);
                    }
                    case "put" -> {
                        stored.put((String) arguments[0], (Conversation) arguments[1]);
                        yield null;
                    }
                    case "delete" -> stored.remove(arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static Turn turn(String id) {
        return Turn.newBuilder()
                .setRequestId(id)
                .setMessage("Question " + id)
                .setReply("Reply " + id)
                .setAnswered(true)
                .setAt(Instant.EPOCH)
                .setSources(List.of())
                .setCitations(List.of())
                .build();
    }

    @Test
    void shouldAskForANewSessionOnce() {
        assertThat(conversations.before("s", "r1")).isEmpty();
        conversations.remember("s", turn("r1"));

        assertThat(reads).hasValue(1);
        assertThat(conversations.before("s", "r2")).containsExactly(new Exchange("Question r1", "Reply r1"));
    }

    @Test
    void shouldFindAgainWhatIsRememberedAfterItWasForgotten() {
        conversations.remember("s", turn("r1"));
        assertThat(conversations.forget("s")).isEqualTo(1);
        assertThat(conversations.before("s", "r2")).isEmpty();
        conversations.remember("s", turn("r2"));
        conversations.remember("s", turn("r3"));

        assertThat(stored.getOrDefault("s", new Conversation("s", List.of())).getTurns())
                .extracting(Turn::getRequestId)
                .containsExactly("r2", "r3");
    }

    @Test
    void shouldKnowOfManySessionsAtOnceAndOfNoMoreThanThat() {
        for (int i = 0; i < 2_000; i++) {
            conversations.before("s" + i, "r");
        }
        reads.set(0);
        conversations.before("s1999", "r");
        assertThat(reads).hasValue(0);
        conversations.before("s0", "r");
        assertThat(reads).hasValue(1);
    }
}
