package io.penstock.mirror;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.TopicPartition;

/**
 * Gives all partitions to one member of the group; the others stand by. So one instance alone writes to a mirror, and can say what
 * is live over all partitions. Made by Kafka's consumer.
 */
public final class OneOwnerAssignor implements ConsumerPartitionAssignor {
    @Override
    public String name() {
        return "one-owner";
    }

    /** Of the members, the first by id has all; ids begin with the client's, so that the same instance has it again. */
    @Override
    public GroupAssignment assign(Cluster metadata, GroupSubscription group) {
        List<TopicPartition> all = new ArrayList<>();
        TreeSet<String> topics = new TreeSet<>();
        group.groupSubscription().values().forEach(member -> topics.addAll(member.topics()));
        for (String topic : topics) {
            int partitions = metadata.partitionsForTopic(topic).size();
            for (int partition = 0; partition < partitions; partition++) {
                all.add(new TopicPartition(topic, partition));
            }
        }
        Map<String, Assignment> assignments = new HashMap<>();
        for (String member : new TreeSet<>(group.groupSubscription().keySet())) {
            assignments.put(member, new Assignment(assignments.isEmpty() ? all : List.of()));
        }
        return new GroupAssignment(assignments);
    }
}
