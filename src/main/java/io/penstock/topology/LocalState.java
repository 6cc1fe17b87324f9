package io.penstock.topology;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folders in which topologies keep their local state, one for each application id. */
public final class LocalState {
    private static final Logger LOG = LoggerFactory.getLogger(LocalState.class);

    private LocalState() {}

    /** Removes a folder with everything in it; says so in the log when it cannot. */
    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.warn("The folder {} could not be removed", folder, e);
        }
    }

    /**
     * Removes what a crash has left of lives that are over.
     *
     * @param prefix what the application ids in question begin with
     * @param living those of them that are still in use
     */
    public static void sweep(Path stateFolder, String prefix, Set<String> living) {
        if (!Files.exists(stateFolder)) {
            return;
        }
        try (Stream<Path> folders = Files.list(stateFolder)) {
            List<Path> dead = folders.filter(folder -> {
                        String name = folder.getFileName().toString();
                        return name.startsWith(prefix) && !living.contains(name);
                    })
                    .toList();
            dead.forEach(LocalState::delete);
        } catch (IOException e) {
            LOG.warn("The folder {} could not be looked through", stateFolder, e);
        }
    }
}
