package io.penstock.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.capture.CaptureTopology;
import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.cluster.Peers;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.DataEntry;
import io.penstock.schema.ProcessorEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tries a processor on one item before it is stored: here, when captures run here, else on an instance where they do, since only
 * that one has the files and reaches the hosts that captures will. May be called from any thread.
 */
public final class ProcessorTrials {
    private static final String PATH = "/internal/processors/trial";
    private static final String ID = "id";
    private static final String CONFIG = "config";
    private static final String VALUE = "value";
    /** A capture over HTTP, and what reading its content takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(110);

    private final ProcessorGateway gateway;
    private final Optional<CaptureTrial> here;
    private final Peers peers;

    /** @param here empty when no captures run on this instance */
    public ProcessorTrials(ProcessorGateway gateway, Optional<CaptureTrial> here, Peers peers) {
        this.gateway = gateway;
        this.here = here;
        this.peers = peers;
    }

    /**
     * Captures one item of a processor that need not be stored.
     *
     * @param value of the entry that is captured; null for the first one
     * @return {@code {"record","failure"}}: what enrichment would see, or why capture failed
     * @throws PenstockException {@code processor.invalid} with all that is wrong, {@code parameter.invalid} when no entry has that
     *     value, {@code not-ready} when no instance captures, {@code busy}
     */
    public ObjectNode run(String id, JsonNode config, @Nullable String value) throws InterruptedException {
        ProcessorEntry entry = gateway.checked(id, config);
        DataEntry item = item(entry, value);
        if (here.isPresent()) {
            return here.get().run(entry, item);
        }
        List<String> failures = new ArrayList<>();
        for (Peer peer : peers.hosting(CaptureTopology.NAME)) {
            ObjectNode question =
                    JsonNodeFactory.instance.objectNode().put(ID, id).put(VALUE, item.getValue());
            question.set(CONFIG, config);
            for (PeerAnswer answer : peers.ask(List.of(peer), PATH, question, PATIENCE, body -> true)) {
                switch (answer) {
                    case Answered(Peer _, JsonNode body)
                    when body instanceof ObjectNode tried -> {
                        return tried;
                    }
                    case Answered _ -> failures.add(peer.url() + ": its answer makes no sense");
                    case Failed failed -> {
                        if (failed.problem().isPresent()
                                && failed.problem().get().code() != ErrorCode.NOT_READY) {
                            throw failed.problem().get();
                        }
                        failures.add(peer.url() + ": " + failed.reason());
                    }
                }
            }
        }
        throw new PenstockException(
                ErrorCode.NOT_READY,
                failures.isEmpty()
                        ? "No instance that is running captures. Start one with the role processors."
                        : "No instance that captures could try it now (" + String.join("; ", failures)
                                + "). Try again in a few seconds.");
    }

    /** For an instance where no captures run. */
    public ObjectNode answer(JsonNode question) throws InterruptedException {
        CaptureTrial trial =
                here.orElseThrow(() -> new PenstockException(ErrorCode.NOT_READY, "No captures run on this instance."));
        ProcessorEntry entry = gateway.checked(question.path(ID).asText(), question.path(CONFIG));
        return trial.run(entry, item(entry, question.path(VALUE).asText()));
    }

    private static DataEntry item(ProcessorEntry entry, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            return entry.getDataList().getFirst();
        }
        return entry.getDataList().stream()
                .filter(item -> item.getValue().equals(value))
                .findFirst()
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.PARAMETER_INVALID,
                        "value: No entry of the data list has the value '" + value + "'; the first is '"
                                + entry.getDataList().getFirst().getValue() + "'."));
    }
}
