package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.kafka.Topics;
import io.penstock.schema.Conversation;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/** How conversations are bounded in number and age, and what a fence does while there are many. */
class ConversationUpkeepTest extends DrivenChat {
    /** Of one turn each; more than two slices. */
    private static final int MANY = ConversationUpkeep.SLICE + 100;

    private final KeyValueStore<String, Conversation> store = driven.store(ChatTopology.CONVERSATIONS);

    private void put(String session, Instant at, String source) {
        store.put(
                session,
                new Conversation(
                        session,
                        List.of(Turn.newBuilder()
                                .setRequestId("r of " + session)
                                .setMessage("What?")
                                .setReply("That.")
                                .setAt(at)
                                .setSources(List.of(source))
                                .build())));
    }

    private List<String> sessions() {
        List<String> sessions = new ArrayList<>();
        try (var all = store.all()) {
            all.forEachRemaining(entry -> sessions.add(entry.key));
        }
        return sessions;
    }

    /** Until no slice is left, however many there are. */
    private void letSlicesPass() {
        for (int i = 0; i < 20; i++) {
            driven.advance(ConversationUpkeep.BETWEEN_SLICES);
        }
    }

    @Test
    void shouldForgetConversationsThatHaveNotGoneOnForLong() {
        put("left long ago", START.minus(SETTINGS.memory().keptFor()), "garden");
        put("left", START.plusSeconds(60), "garden");

        letSlicesPass();
        assertThat(sessions()).containsExactly("left");
        ask(request("r1", "new", "What?").build());
        driven.advance(SETTINGS.memory().keptFor().minusHours(1));
        assertThat(sessions()).containsExactlyInAnyOrder("left", "new");
        driven.advance(ConversationUpkeep.SWEEP_EVERY.multipliedBy(2));

        assertThat(sessions()).isEmpty();
    }

    @Test
    void shouldKeepThoseOfAnEarlierLifeThatWentOnLastWhenThereAreTooMany() {
        for (int i = 0; i < MANY; i++) {
            put("s%04d".formatted(i), START.plusSeconds(i * 7L % MANY), "garden");
        }

        driven.advance(ConversationUpkeep.BETWEEN_SLICES);
        assertThat(sessions()).as("none is forgotten before all are known").hasSize(MANY);
        letSlicesPass();

        assertThat(sessions())
                .hasSize(SETTINGS.memory().maxConversations())
                .allSatisfy(session ->
                        assertThat(turns(session).getFirst().getAt()).isAfterOrEqualTo(START.plusSeconds(MANY - 5)));
    }

    @Test
    void shouldNotLetManyConversationsThatBeginWaitForTheNextSweep() {
        for (int i = 0; i < 20; i++) {
            ask(request("r" + i, "s" + i, "What?").build());
        }

        assertThat(sessions()).containsExactlyInAnyOrder("s15", "s16", "s17", "s18", "s19");
    }

    @Test
    void shouldPassAFenceThroughManyConversationsInSlices() {
        for (int i = 0; i < MANY; i++) {
            put("s%04d".formatted(i), START, i % 2 == 0 ? "garden/beds" : "cellar");
        }

        send(fence("garden", null), new RecordHeaders());

        assertThat(sessions()).as("after the first slice").hasSizeBetween(MANY / 2 + 1, MANY - 1);
        assertThat(driven.values(Topics.FENCE_ACK, FenceAck.class)).isEmpty();
        send(fence("garden", null), new RecordHeaders());
        ask(request("r1", "s1", "Meanwhile?").build());
        assertThat(replies()).as("a question does not wait").hasSize(1);
        letSlicesPass();

        assertThat(driven.values(Topics.FENCE_ACK, FenceAck.class))
                .as("the fence that came again is acknowledged with it")
                .extracting(FenceAck::getRemoved)
                .containsExactly((long) MANY / 2);
        assertThat(sessions())
                .as("of the others, too many are forgotten next")
                .hasSize(5)
                .allMatch(session -> Integer.parseInt(session.substring(1)) % 2 == 1);
        send(fence("garden", null), new RecordHeaders());
        letSlicesPass();
        assertThat(driven.values(Topics.FENCE_ACK, FenceAck.class))
                .as("later, it passes anew")
                .hasSize(1);
    }

    @Test
    void shouldLetAFencePassBeforeAllIsLearnt() {
        for (int i = 0; i < MANY; i++) {
            put("s%04d".formatted(i), START, "cellar");
        }
        driven.advance(ConversationUpkeep.BETWEEN_SLICES);

        send(fence("garden", null), new RecordHeaders());
        driven.advance(ConversationUpkeep.BETWEEN_SLICES);
        driven.advance(ConversationUpkeep.BETWEEN_SLICES);

        assertThat(driven.values(Topics.FENCE_ACK, FenceAck.class)).hasSize(1);
        assertThat(sessions()).hasSize(MANY);
        letSlicesPass();
        assertThat(sessions()).as("then the walk goes on that had begun").hasSize(5);
    }

    @Test
    void shouldLeaveNothingScheduledWhenItsTaskEnds() {
        for (int i = 0; i < MANY; i++) {
            put("s%04d".formatted(i), START, "cellar");
        }
        MockProcessorContext<Object, Object> context = new MockProcessorContext<>();
        ConversationUpkeep upkeep =
                new ConversationUpkeep(context, new Conversations(store, SETTINGS.memory()), SETTINGS.memory());

        upkeep.start();
        assertThat(context.scheduledPunctuators()).hasSize(2).noneMatch(CapturedPunctuator::cancelled);
        upkeep.stop();

        assertThat(context.scheduledPunctuators()).allMatch(CapturedPunctuator::cancelled);
    }
}
