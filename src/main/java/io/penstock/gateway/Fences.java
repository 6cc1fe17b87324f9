package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.capture.CaptureTopology;
import io.penstock.chat.ChatTopology;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.ingest.VectorIngestionTopology;
import io.penstock.kafka.Topics;
import io.penstock.run.RunEvents;
import io.penstock.run.RunsTopology;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;

/** Sends a fence to every partition of a Kafka topic, and waits until the stage that reads it has let it pass everywhere. */
final class Fences {
    /** Clocks of instances differ; acknowledgements are looked for from a little before the fence was ordered. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);

    private final Producer<byte[], byte[]> producer;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final AvroCodec<CaptureTask> tasks;
    private final AvroCodec<RawRecord> raws;
    private final AvroCodec<Inference> inferences;
    private final AvroCodec<RunEvent> events;
    private final AvroCodec<ChatRequest> requests;
    private final AvroCodec<FenceAck> acks;

    Fences(Producer<byte[], byte[]> producer, Supplier<Consumer<byte[], byte[]>> consumers, AvroSerdes serdes) {
        this.producer = producer;
        this.consumers = consumers;
        this.tasks = serdes.codec(CaptureTask.class);
        this.raws = serdes.codec(RawRecord.class);
        this.inferences = serdes.codec(Inference.class);
        this.events = serdes.codec(RunEvent.class);
        this.requests = serdes.codec(ChatRequest.class);
        this.acks = serdes.codec(FenceAck.class);
    }

    /** @param due whether the deletion is still to be carried through; else waiting is in vain */
    void passCapture(Fence fence, BooleanSupplier due, Duration patience) throws InterruptedException {
        pass(
                Topics.CAPTURE_TASK,
                tasks,
                CaptureTask.newBuilder().setFence(fence).build(),
                fence,
                CaptureTopology.NAME,
                due,
                patience);
    }

    void passEnrichment(Fence fence, BooleanSupplier due, Duration patience) throws InterruptedException {
        RawRecord record = RawRecord.newBuilder()
                .setContent(ByteBuffer.allocate(0))
                .setFence(fence)
                .build();
        pass(Topics.raw(fence.getTopic()), raws, record, fence, EnrichmentTopology.NAME, due, patience);
    }

    void passIngestion(Fence fence, BooleanSupplier due, Duration patience) throws InterruptedException {
        pass(
                Topics.INFERENCE,
                inferences,
                Inference.newBuilder().setFence(fence).build(),
                fence,
                VectorIngestionTopology.NAME,
                due,
                patience);
    }

    void passChat(Fence fence, BooleanSupplier due, Duration patience) throws InterruptedException {
        ChatRequest request = ChatRequest.newBuilder()
                .setRequestId("")
                .setMessage("")
                .setSessionId("")
                .setRequestedAt(fence.getRequestedAt())
                .setFence(fence)
                .build();
        pass(Topics.CHAT_REQUEST, requests, request, fence, ChatTopology.NAME, due, patience);
    }

    void passRuns(Fence fence, BooleanSupplier due, Duration patience) throws InterruptedException {
        RunEvent event = RunEvents.fence(fence);
        pass(Topics.RUN_EVENT, events, event, fence, RunsTopology.NAME, due, patience);
    }

    private <T extends SpecificRecord> void pass(
            String topic,
            AvroCodec<T> codec,
            T record,
            Fence fence,
            String stage,
            BooleanSupplier due,
            Duration patience)
            throws InterruptedException {
        List<PartitionInfo> partitions = producer.partitionsFor(topic);
        byte[] value = codec.encode(topic, record);
        byte[] key = ("fence/" + fence.getFenceId()).getBytes(UTF_8);
        try {
            for (Future<?> sent : partitions.stream()
                    .map(partition -> producer.send(new ProducerRecord<>(topic, partition.partition(), key, value)))
                    .toList()) {
                sent.get();
            }
        } catch (ExecutionException e) {
            throw new PenstockException(
                    ErrorCode.NOT_READY, "The fence could not be written to " + topic + "; it is tried again.", e);
        }
        awaitAcks(fence, stage, topic, partitions.size(), due, patience);
    }

    private void awaitAcks(
            Fence fence, String stage, String topic, int partitions, BooleanSupplier due, Duration patience)
            throws InterruptedException {
        Set<Integer> passed = new HashSet<>();
        long deadline = System.nanoTime() + patience.toNanos();
        try (AckReader reader = new AckReader(consumers.get(), acks)) {
            reader.begin(fence.getRequestedAt().minus(CLOCK_TOLERANCE));
            while (passed.size() < partitions) {
                if (System.nanoTime() > deadline || !due.getAsBoolean()) {
                    throw new PenstockException(
                            ErrorCode.NOT_READY,
                            "The stage " + stage + " has let the fence pass on " + passed.size() + " of " + partitions
                                    + " partitions so far; it is tried again.");
                }
                for (FenceAck ack : reader.poll()) {
                    if (ack.getFenceId().equals(fence.getFenceId())
                            && ack.getStage().equals(stage)
                            && ack.getTopic().equals(topic)) {
                        passed.add(ack.getPartition());
                    }
                }
            }
        }
    }
}
