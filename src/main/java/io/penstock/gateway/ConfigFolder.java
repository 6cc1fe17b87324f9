package io.penstock.gateway;

import io.penstock.seed.SeedFiles;
import io.penstock.seed.SeedProblem;
import io.penstock.seed.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration folder: what its files say is applied at the start and whenever it is looked at again, and what is wrong with
 * them is known by file.
 *
 * <p><b>Threading.</b> One thread at a time applies; the faults may be read from any.
 */
public final class ConfigFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigFolder.class);

    private final SeedFiles files;
    private final SeedApplier applier;
    private final SchedulesApplier schedules;
    private volatile Map<String, String> faults = Map.of();
    private Seeds seeds;

    /** Applies schedules, which may have to wait for those that there are. */
    @FunctionalInterface
    public interface SchedulesApplier {
        void apply(SeedApplier applier, Seeds seeds) throws InterruptedException;
    }

    /** Reads the folder, and applies nothing yet. */
    public ConfigFolder(SeedFiles files, SeedApplier applier, SchedulesApplier schedules) {
        this.files = files;
        this.applier = applier;
        this.schedules = schedules;
        this.seeds = files.read();
        tell();
    }

    /** What is wrong, by file; each begins with the file, and the line where that is known. */
    public Map<String, String> faults() {
        return faults;
    }

    /** Applies topics, segments and processors. */
    public void applyCatalogAndProcessors() {
        applier.applyCatalog(seeds.catalog());
        applier.applyProcessors(seeds.processors());
        tell();
    }

    /** Applies schedules. */
    public void applySchedules() throws InterruptedException {
        schedules.apply(applier, seeds);
        tell();
    }

    /** Reads the folder again and applies what is new in it. */
    public void refresh() throws InterruptedException {
        seeds = files.read();
        applier.forgetFaults();
        applyCatalogAndProcessors();
        applySchedules();
    }

    /** A fault is also shown alone, so it says where it is. */
    private static String named(String file, String text) {
        if (text.startsWith(file)) {
            return text;
        }
        return file + (text.startsWith("line ") ? ", " : ": ") + text;
    }

    /** What is wrong now; only what was not known is logged. */
    private void tell() {
        Map<String, List<String>> found = new TreeMap<>();
        for (SeedProblem problem : seeds.problems()) {
            found.computeIfAbsent(problem.file(), _ -> new ArrayList<>()).add(problem.toString());
        }
        applier.faults()
                .forEach((file, fault) ->
                        found.computeIfAbsent(file, _ -> new ArrayList<>()).add(fault));
        Map<String, String> now = new TreeMap<>();
        found.forEach((file, texts) -> now.put(file, named(file, String.join("; ", texts))));
        now.forEach((file, text) -> {
            if (!text.equals(faults.get(file))) {
                LOG.warn("{}", text);
            }
        });
        faults.keySet().stream()
                .filter(file -> !now.containsKey(file))
                .forEach(file -> LOG.info("{} has no fault any more", file));
        faults = Map.copyOf(now);
    }
}
