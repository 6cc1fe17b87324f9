package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.Turn;
import io.penstock.topology.DrivenTopology.Letter;
import java.util.List;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

/** Requests that do not stand where their session belongs. The topology of the driver is that of partition 0. */
class ChatPlacesTest extends DrivenChat {
    private static final int PARTITIONS = 4;

    @Override
    ChatSettings settings() {
        return new ChatSettings(
                PARTITIONS,
                SETTINGS.maxInFlight(),
                SETTINGS.callTimeout(),
                SETTINGS.passages(),
                SETTINGS.maxPassages(),
                SETTINGS.memory(),
                SETTINGS.historyTokens());
    }

    /** A session that belongs into the partition. */
    private static String session(int partition) {
        int i = 0;
        while (BuiltInPartitioner.partitionForKey(("session-" + i).getBytes(UTF_8), PARTITIONS) != partition) {
            i++;
        }
        return "session-" + i;
    }

    @Test
    void shouldTakeARequestWhoseSessionBelongsHereWhateverItsKey() {
        String here = session(0);
        ask(request("r1", here, "What?").build());

        assertThat(onlyReply().value().getError()).isNull();
        assertThat(turns(here)).extracting(Turn::getRequestId).containsExactly("r1");
        assertNoLetters();
    }

    @Test
    void shouldDeadLetterARequestWhoseSessionIsKeptElsewhere() {
        String there = session(3);
        send(request("r1", there, "What?").build(), headers("c-1", "0"));
        send(cancel("r1", there), headers("c-1", "0"));
        send(request("f1", there, "").setForget(true).build(), headers("c-1", "0"));
        settle();

        List<Letter> letters = driven.deadLetters(ChatTopology.NAME);
        assertThat(letters).hasSize(3).allSatisfy(letter -> {
            assertThat(letter.code()).isEqualTo("record.invalid");
            assertThat(letter.message()).contains("partition 0 of 4", "into 3", "murmur2");
        });
        assertThat(questions).isEmpty();
        assertThat(conversation(there)).isNull();
        assertThat(replies()).isEmpty();
    }
}
