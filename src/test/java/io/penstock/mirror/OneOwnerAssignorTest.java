package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OneOwnerAssignorTest {
    private static final Node NODE = new Node(1, "localhost", 9092);

    @Test
    void shouldGiveAllPartitionsToTheFirstMember() {
        Map<String, List<TopicPartition>> assignments = assign("b-2", "a-1", "c-3");

        assertThat(assignments)
                .containsOnlyKeys("a-1", "b-2", "c-3")
                .containsEntry("b-2", List.of())
                .containsEntry("c-3", List.of())
                .hasEntrySatisfying(
                        "a-1",
                        all -> assertThat(all)
                                .containsExactlyInAnyOrder(
                                        new TopicPartition("records", 0),
                                        new TopicPartition("records", 1),
                                        new TopicPartition("runs", 0),
                                        new TopicPartition("runs", 1)));
    }

    private static Map<String, List<TopicPartition>> assign(String... members) {
        Map<String, Subscription> group = new HashMap<>();
        for (String member : members) {
            group.put(member, new Subscription(List.of("records", "runs")));
        }
        List<PartitionInfo> partitions = List.of("records", "runs").stream()
                .flatMap(topic -> IntStream.range(0, 2)
                        .mapToObj(n -> new PartitionInfo(topic, n, NODE, new Node[] {NODE}, new Node[] {NODE})))
                .toList();
        Cluster cluster = new Cluster("id", List.of(NODE), partitions, Set.of(), Set.of());
        Map<String, List<TopicPartition>> partitionsOf = new HashMap<>();
        new OneOwnerAssignor()
                .assign(cluster, new GroupSubscription(group))
                .groupAssignment()
                .forEach((member, assignment) -> partitionsOf.put(member, assignment.partitions()));
        return partitionsOf;
    }
}
