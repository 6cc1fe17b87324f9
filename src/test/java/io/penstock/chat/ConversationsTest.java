package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Question.Exchange;
import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import java.lang.reflect.Proxy;
import java.time.Duration;
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
    private final Conversations conversations = new Conversations(store(), MemorySettings.DEFAULT);

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
                        if (arguments[1] == null) {
                            stored.remove(arguments[0]);
                        } else {
                            stored.put((String) arguments[0], (Conversation) arguments[1]);
                        }
                        yield null;
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static Turn turn(String id) {
        return turn(id, 0);
    }

    private static Turn turn(String id, long at) {
        return Turn.newBuilder()
                .setRequestId(id)
                .setMessage("Question " + id)
                .setReply("Reply " + id)
                .setAnswered(true)
                .setAt(Instant.ofEpochMilli(at))
                .setSources(List.of())
                .setCitations(List.of())
                .build();
    }

    private List<Exchange> before(String session, String request) {
        return Conversations.before(conversations.turns(session), request);
    }

    @Test
    void shouldNotAskForANewSessionOnceAllAreKnown() {
        conversations.allFound();

        assertThat(before("s", "r1")).isEmpty();
        conversations.remember("s", turn("r1"));

        assertThat(reads).hasValue(0);
        assertThat(before("s", "r2")).containsExactly(new Exchange("Question r1", "Reply r1"));
        conversations.forget("s");
        assertThat(before("s", "r2")).isEmpty();
        assertThat(reads).as("to read it, and to forget its turn").hasValue(2);
    }

    @Test
    void shouldAskForWhatAnEarlierLifeLeft() {
        conversations.remember("s", turn("r1"));
        Conversations later = new Conversations(store(), MemorySettings.DEFAULT);

        assertThat(later.turns("s")).as("before it was found").hasSize(1);
        later.found("s", later.turns("s"));
        later.allFound();

        assertThat(later.turns("s")).hasSize(1);
    }

    @Test
    void shouldForgetThoseThatWentOnLongestAgo() {
        Conversations few = new Conversations(store(), new MemorySettings(3, 1_000, Duration.ofDays(1), 3));
        few.remember("begun meanwhile", turn("r1", 50));
        few.found("left and gone on", List.of(turn("r1", 10)));
        few.remember("left and gone on", turn("r2", 60));
        few.found("left later", List.of(turn("r1", 30)));
        few.found("left earlier", List.of(turn("r1", 20)));
        assertThat(few.forgetOldest(40, 9)).as("before all are known").isZero();
        few.allFound();

        assertThat(few.forgetOldest(0, 9)).as("too many").isEqualTo(1);
        assertThat(few.turns("left earlier")).isEmpty();
        assertThat(few.forgetOldest(55, 1)).as("no more than that").isEqualTo(1);
        assertThat(few.forgetOldest(55, 9)).isEqualTo(1);
        assertThat(few.forgetOldest(55, 9)).isZero();
        assertThat(stored).containsOnlyKeys("left and gone on");
    }

    @Test
    void shouldFindAgainWhatIsRememberedAfterItWasForgotten() {
        conversations.remember("s", turn("r1"));
        assertThat(conversations.forget("s")).isEqualTo(1);
        assertThat(before("s", "r2")).isEmpty();
        conversations.remember("s", turn("r2"));
        conversations.remember("s", turn("r3"));

        assertThat(stored.getOrDefault("s", new Conversation("s", List.of())).getTurns())
                .extracting(Turn::getRequestId)
                .containsExactly("r2", "r3");
    }
}
