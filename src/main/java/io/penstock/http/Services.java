package io.penstock.http;

import io.penstock.catalog.CatalogView;
import io.penstock.chat.ChatBridge;
import io.penstock.chat.ChatTopology;
import io.penstock.cluster.Cluster;
import io.penstock.embedding.Embeddings;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.CatalogGateway;
import io.penstock.gateway.CollectGateway;
import io.penstock.gateway.ProcessorGateway;
import io.penstock.gateway.ProcessorTrials;
import io.penstock.gateway.RecordGateway;
import io.penstock.gateway.ReplayGateway;
import io.penstock.gateway.RunGateway;
import io.penstock.gateway.ScheduleGateway;
import io.penstock.mirror.Mirrors;
import io.penstock.processor.ProcessorView;
import io.penstock.query.DeadLetterQueries;
import io.penstock.query.StoreQueries;
import io.penstock.topology.TopologyHost;
import io.penstock.vector.Retriever;
import java.time.Duration;
import java.util.Map;

/** What the resources call. While the application starts, all but the key throw {@code not-ready}. */
public interface Services {
    ApiKey key();

    /** Whether the server listens on the loopback interface only. */
    boolean isLoopback();

    /** Whether the application is being stopped, and only answers that it is. */
    boolean isStopping();

    /** Whether the application has started and every topology works; if not, why. */
    Readiness readiness();

    CatalogView catalog();

    /** The same for names that callers give: it waits a moment for what may have been created on another instance. */
    CatalogView patientCatalog();

    CatalogGateway catalogGateway();

    CollectGateway collectGateway();

    ProcessorView processors();

    ProcessorGateway processorGateway();

    ProcessorTrials processorTrials();

    ScheduleGateway scheduleGateway();

    StoreQueries stores();

    DeadLetterQueries deadLetters();

    ReplayGateway replayGateway();

    RunGateway runGateway();

    RecordGateway recordGateway();

    /** This instance among the others. */
    Cluster cluster();

    /** What other instances ask this one. */
    Internal internal();

    Retriever retriever();

    Embeddings embeddings();

    /** The mirrors of this instance. */
    Mirrors mirrors();

    ChatBridge chat();

    /** @throws PenstockException {@code not-ready} when no instance that is running has the chat: nobody would ever answer */
    default void requireChat() {
        if (!cluster().hosts(ChatTopology.NAME)) {
            String fault = topologyFaults().get(ChatTopology.NAME);
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "The chat does not run: "
                            + (fault == null ? "no instance that is running has the topology chat" : fault) + ".");
        }
    }

    /** How long a caller waits for an answer. */
    Duration chatPatience();

    TopologyHost topologies();

    /** What was wrong with topology files, by topology. */
    Map<String, String> topologyFaults();

    /** What was wrong with configuration files, by file. */
    Map<String, String> configFaults();

    /** @param reason for people; empty when ready */
    record Readiness(boolean ready, String reason) {}
}
