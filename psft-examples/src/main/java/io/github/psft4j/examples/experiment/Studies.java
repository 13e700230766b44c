package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.monitor.report.Chart;
import io.github.psft4j.monitor.report.SvgChart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The experiments in the order in which they are run, and the files that are made of their results. */
public final class Studies {

    /** All of them. */
    public static final List<Study> ALL = List.of(
            new LearningRateStudy(),
            new ClipStudy(),
            new WarmupStudy(),
            new FewStudy(),
            new RlStudy(),
            new HealthyStudy(),
            new SmolStudy());

    /** Those that run with what comes with psft. */
    public static final List<Study> ON_SKILLS =
            ALL.stream().filter(study -> !(study instanceof SmolStudy)).toList();

    private Studies() {}

    /** Writes pages and pictures below the directory of the documentation. */
    public static void write(ResultFiles files, Path docs) throws IOException {
        Files.createDirectories(docs.resolve("experiments/images"));
        for (Map.Entry<String, String> file : made(files).entrySet()) {
            AtomicFile.write(docs.resolve(file.getKey()), file.getValue().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Every file that the results make, by its path below the directory of the documentation. */
    public static Map<String, String> made(ResultFiles files) throws IOException {
        Map<Study, Study.Result> results = new LinkedHashMap<>();
        Map<String, String> made = new LinkedHashMap<>();
        for (Study study : ALL) {
            Study.Result result = study.result(files);
            results.put(study, result);
            made.put("experiments/" + study.name() + ".md", result.page());
            for (Chart chart : result.charts()) {
                made.put("experiments/images/" + chart.id() + ".svg", SvgChart.file(chart));
            }
        }
        made.put("experiments/README.md", Summary.claims(files, results));
        made.put("choosing.md", Summary.choosing(results));
        return made;
    }
}
