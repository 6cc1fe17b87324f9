package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.stage.CallException;
import java.util.List;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;

class KafkaReplyTopicsTest {
    private static final Node BROKER = new Node(1, "127.0.0.1", 9092);
    private static final TopicDescription TOPIC =
            new TopicDescription("chat.reply.mine", false, List.of(partition(0, BROKER), partition(1, Node.noNode())));

    private static TopicPartitionInfo partition(int number, Node leader) {
        return new TopicPartitionInfo(number, leader, List.of(BROKER), List.of());
    }

    @Test
    void shouldTakeAPartitionThatHasALeader() throws CallException {
        KafkaReplyTopics.require(TOPIC, 0);
    }

    @Test
    void shouldNotLetAProducerWaitForAPartitionWithoutALeader() {
        CallException failure = catchThrowableOfType(CallException.class, () -> KafkaReplyTopics.require(TOPIC, 1));

        assertThat(failure.code()).isEqualTo("not-ready");
        assertThat(failure.isPermanent()).as("it may have one soon").isFalse();
        assertThat(failure.retryAfter()).as("electing one takes a moment").isEqualTo(Refusals.LEFT_ALONE);
        assertThat(failure).hasMessageContaining("chat.reply.mine").hasMessageContaining("leader");
    }

    @Test
    void shouldRefuseAPartitionThatThereIsNot() {
        CallException failure = catchThrowableOfType(CallException.class, () -> KafkaReplyTopics.require(TOPIC, 2));

        assertThat(failure.isPermanent()).isTrue();
    }
}
