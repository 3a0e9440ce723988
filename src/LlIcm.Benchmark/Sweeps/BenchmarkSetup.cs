using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlIcm.Benchmark.Configuration;
using LlIcm.Benchmark.Restorers;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Training;
using LlIcm.Zoo;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>A configuration's codecs, restorers, metrics and pictures, opened; and the plan of what they are to compute.</summary>
public sealed class BenchmarkSetup : IDisposable
{
    private const long HashedWhole = 1L << 31;

    private readonly BenchmarkConfig _config;
    private readonly string _root;
    private readonly Dictionary<string, LlIcmModel> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ICodecUnderTest> _codecs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IRestorerUnderTest> _restorers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (MetricSet Metric, string Identity)> _metrics = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Set, string Picture), SetPicture> _pictures = [];
    private readonly List<Gap> _gaps = [];

    private BenchmarkSetup(string path)
    {
        _config = BenchmarkConfig.Load(path);
        _root = Path.GetDirectoryName(Path.GetFullPath(path))!;
    }

    /// <summary>The codecs that are there, by short name.</summary>
    public IReadOnlyDictionary<string, ICodecUnderTest> Codecs => _codecs;

    /// <summary>The restorers, by short name.</summary>
    public IReadOnlyDictionary<string, IRestorerUnderTest> Restorers => _restorers;

    /// <summary>What is to be computed.</summary>
    public BenchmarkPlan Plan { get; private set; } = null!;

    /// <summary>Reads a configuration and opens what it names; what is missing becomes a gap of the plan.</summary>
    /// <param name="path">The file.</param>
    /// <param name="program">Name and version of the program, for the report.</param>
    /// <exception cref="TrainingException">The configuration makes no sense; the message names the key.</exception>
    public static BenchmarkSetup Open(string path, string program)
    {
        var setup = new BenchmarkSetup(path);
        try
        {
            foreach (CodecConfig codec in setup._config.Codecs) setup.OpenCodec(codec, path);
            foreach (RestorerConfig restorer in setup._config.Restorers) setup.OpenRestorer(restorer);
            foreach (string metric in setup._config.Metrics) setup.OpenMetric(metric);
            setup.Plan = setup.MakePlan(program);
            return setup;
        }
        catch
        {
            setup.Dispose();
            throw;
        }
    }

    /// <summary>Opens one codec of a configuration.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The codec's short name.</param>
    /// <exception cref="BenchmarkException">There is none of that name, or its program is missing.</exception>
    public static BenchmarkSetup OpenCodec(string path, string name)
    {
        var setup = new BenchmarkSetup(path);
        CodecConfig config = setup._config.Codecs.FirstOrDefault(each => each.Name == name) ?? throw new BenchmarkException($"{path}: there is no codec '{name}'");
        setup.OpenCodec(config, path);
        return setup._gaps.Count == 0 ? setup : throw new BenchmarkException(setup._gaps[0].Reason);
    }

    /// <summary>A picture of the plan.</summary>
    public SetPicture PictureOf(string set, string name) => _pictures[(set, name)];

    /// <summary>Measures one metric; metrics with networks take turns.</summary>
    /// <exception cref="BenchmarkException">It has no value for these pictures.</exception>
    public double Measure(string metric, Picture picture, Picture target)
    {
        MetricSet set = _metrics[metric].Metric;
        QualityValue value;
        if (set.Metrics[0].Info.Model is null) value = set.Measure([new PicturePair(picture, target)])[0][0];
        else lock (set) value = set.Measure([new PicturePair(picture, target)])[0][0];
        return value.Value ?? throw new BenchmarkException($"{metric}: {value.Problem}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CompressAiUnderTest codec in _codecs.Values.OfType<CompressAiUnderTest>()) codec.Dispose();
        foreach (LlIcmModel model in _models.Values) model.Dispose();
        foreach ((MetricSet metric, _) in _metrics.Values) metric.Dispose();
    }

    private LlIcmModel Model(string name)
    {
        if (_models.TryGetValue(name, out LlIcmModel? known)) return known;
        string beside = Path.Combine(_root, Places.Expand(name));
        return _models[name] = LlIcmModel.Load(LlIcmModel.FolderOf(beside) ?? name);
    }

    private string? Placed(string? path)
    {
        if (path is null) return null;
        path = Places.Expand(path);
        string beside = Path.Combine(_root, path);
        // Names of published checkpoints end in a part of their hash.
        if (Path.GetFileName(path).Contains('*', StringComparison.Ordinal) && Path.GetDirectoryName(beside) is { } folder && Directory.Exists(folder))
            return Directory.GetFiles(folder, Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault() ?? beside;
        return path.AsSpan().IndexOfAny('/', '\\') >= 0 || File.Exists(beside) ? Path.GetFullPath(beside) : path;
    }

    private void OpenCodec(CodecConfig config, string path)
    {
        try
        {
            bool? half = config.Chroma is { } chroma ? chroma == 420 : null;
            IReadOnlyList<double>? settings = config.Settings.Count > 0 ? [.. config.Settings] : null;
            string kind = config.KindOrName;
            if (kind == CodecConfig.Ours)
            {
                LlIcmModel model = Model(config.Model);
                _codecs[config.Name] = settings is null ? new LlIcmUnderTest(model) : new LlIcmUnderTest(model) { Settings = settings };
            }
            else if (kind == CodecConfig.CompressAi) _codecs[config.Name] = new CompressAiUnderTest(config.Name, [.. config.Weights.Select(each => Placed(each)!)]);
            else if (LibvipsUnderTest.Names.Contains(kind))
            {
                LibvipsUnderTest codec = LibvipsUnderTest.Of(kind, half, config.Bits ?? 8, config.Effort);
                _codecs[config.Name] = settings is null ? codec : codec.With(settings);
            }
            else
            {
                ProgramOptions options = kind == CodecConfig.Any
                    ? new ProgramOptions
                    {
                        Name = config.Name, Encoder = Placed(config.Encoder)!, Decoder = Placed(config.Decoder)!, Encode = [.. config.Encode], Decode = [.. config.Decode],
                        Settings = settings!, Extension = config.Extension, Config = Placed(config.Config), Chroma = half switch { true => "4:2:0", false => "4:4:4", null => "chroma unknown" },
                    }
                    : ProgramCodecs.Of(kind, Placed(config.Encoder), Placed(config.Decoder), Placed(config.Config), half, config.Bits);
                options = options with { Settings = settings ?? options.Settings, Limit = TimeSpan.FromSeconds(_config.TimeLimit) };
                _codecs[config.Name] = new ProgramUnderTest(options);
            }
        }
        catch (ArgumentException error)
        {
            throw new TrainingException($"{path}: codecs: '{config.Name}': {error.Message}", error);
        }
        catch (Exception error) when (error is BenchmarkException or ModelException)
        {
            _gaps.Add(new Gap(null, config.Name, null, null, error.Message));
        }
    }

    private void OpenRestorer(RestorerConfig config)
    {
        if (config.KindOrName != RestorerConfig.Own)
        {
            _restorers[config.Name] = ClassicalRestorers.Of(config.KindOrName);
            return;
        }
        try
        {
            _restorers[config.Name] = new ModelRestorer(Model(config.Model), new RestoreOptions()) { IsTold = !config.Recognise };
        }
        catch (Exception error) when (error is BenchmarkException or ModelException)
        {
            _gaps.Add(new Gap(null, config.Name, null, null, error.Message));
        }
    }

    private void OpenMetric(string name)
    {
        MetricInfo info = QualityMetric.Find(name);
        if (_metrics.ContainsKey(info.Name)) return;
        try
        {
            var weights = new Dictionary<string, string>();
            if (info.Model == Lpips.StoreName && Lpips.FindWeights() is { } found) weights[Lpips.StoreName] = found;
            var store = new ModelStore();
            MetricSet metric = MetricSet.Open([info.Name], store, new MetricOptions { Weights = weights });
            string identity = info.Model is { } model ? WeightsHash(weights.GetValueOrDefault(model) ?? store.Require(model)) : "";
            _metrics[info.Name] = (metric, $"{info.Name} {identity}");
        }
        catch (ModelStoreException error)
        {
            _gaps.Add(new Gap(null, info.Name, null, null, error.Message));
        }
    }

    // Of files of many gigabytes the ends and the length.
    private static string WeightsHash(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length <= HashedWhole) return Convert.ToHexStringLower(SHA256.HashData(file));
        byte[] ends = new byte[1 << 21];
        file.ReadExactly(ends, 0, ends.Length / 2);
        file.Seek(-ends.Length / 2, SeekOrigin.End);
        file.ReadExactly(ends, ends.Length / 2, ends.Length / 2);
        return $"{file.Length} {Convert.ToHexStringLower(SHA256.HashData(ends))}";
    }

    private BenchmarkPlan MakePlan(string program)
    {
        var lines = new Dictionary<string, PlannedLine>(StringComparer.Ordinal);
        var points = new List<PlannedPoint>();
        var sets = new List<PlannedSet>();
        var times = new List<PlannedTime>();
        foreach (SetConfig set in _config.Sets)
        {
            try
            {
                IReadOnlyList<SetPicture> pictures = SetPicture.Find(set, _root);
                foreach (SetPicture picture in pictures)
                {
                    _pictures[(set.Name, picture.Name)] = picture;
                    AddPoints(set, picture, lines, points);
                    if (sets.Count == 0 && times.Select(each => each.Picture).Distinct().Count() < _config.SpeedPictures) AddTimes(picture, times);
                }
                string source = set.Input is not null ? "pairs" : set.Noise is { } sigma ? string.Create(CultureInfo.InvariantCulture, $"Gaussian noise, σ {sigma}")
                    : set.Mask is not null ? "clean pictures with holes" : "clean pictures";
                sets.Add(new PlannedSet(set.Name, set.Task, source, [.. pictures.Select(each => each.Name)]));
            }
            catch (Exception error) when (error is BenchmarkException or IOException or UnauthorizedAccessException)
            {
                _gaps.Add(new Gap(set.Name, null, null, null, error.Message));
            }
        }
        return new BenchmarkPlan
        {
            Title = _config.Title, Program = program, Machine = Machine.Here, Anchor = _config.Anchor ?? _config.Codecs[0].Name, CropSide = _config.CropSide,
            Sets = sets,
            Codecs = [.. _codecs.Select(each => new PlannedCodec(
                each.Key, each.Value.Name, each.Value.Version, each.Value.Chroma, each.Value.Command(each.Value.Settings[each.Value.Settings.Count / 2]), each.Value is LlIcmUnderTest))],
            Restorers = [.. _restorers.Select(each => new PlannedRestorer(each.Key, each.Value.Name, each.Value.Settings))],
            Metrics = [.. _metrics.Values.Select(each => Described(each.Metric.Metrics[0].Info))],
            Lines = [.. lines.Values], Points = points, Times = times, Gaps = _gaps, Published = ReadPublished(),
        };
    }

    private static PlannedMetric Described(MetricInfo info) => new(
        info.Name, info.Name switch { "lpips-squeeze" => "LPIPS", "q-align" => "Q-Align", _ => info.Name.ToUpperInvariant() },
        info.Unit, info.LowerIsBetter, info.Unit == "dB" ? 2 : 3, info.Description);

    private void AddPoints(SetConfig set, SetPicture picture, Dictionary<string, PlannedLine> lines, List<PlannedPoint> points)
    {
        string hash = picture.Hash();
        string input = Path.GetFileName(picture.Input ?? picture.Target), target = Path.GetFileName(picture.Target);
        // Masks reach codecs and restorers as a part of the picture's hash.
        foreach ((string id, ICodecUnderTest codec) in _codecs)
        {
            foreach (string? before in _config.Before.Where(name => _restorers.ContainsKey(name) && set.Task is { } task && _restorers[name].Serves(task)).Prepend(null))
            {
                Cell? first = before is null ? null : Restoring(_restorers[before], input, set.Task!.Value, hash);
                foreach (double setting in codec.Settings)
                {
                    Cell code = Cell.Of(CellKind.Code, codec.Command(setting).Replace("INPUT", before is null ? input : $"{before}({input})", StringComparison.Ordinal),
                        hash, first?.Key ?? "", codec.Version, codec.Command(setting));
                    Add(before, before is null ? RestorerOrder.None : RestorerOrder.Before, setting, first, code, null);
                    if (before is not null || set.Task is not { } task) continue;
                    foreach ((string name, IRestorerUnderTest restorer) in _restorers)
                    {
                        if (restorer.Serves(task))
                            Add(name, RestorerOrder.After, setting, null, code, Restoring(restorer, $"decoded({input})", task, hash, code.Key));
                    }
                }
            }

            void Add(string? restorer, RestorerOrder order, double setting, Cell? first, Cell code, Cell? last)
            {
                string line = order switch { RestorerOrder.None => id, RestorerOrder.After => $"{id}|{restorer}", _ => $"{restorer}>{id}" };
                if (!lines.ContainsKey(line))
                {
                    string with = restorer is null ? "" : _restorers[restorer].Name;
                    bool ours = codec is LlIcmUnderTest && order == RestorerOrder.After && _restorers[restorer!] is ModelRestorer;
                    string label = order switch
                    {
                        RestorerOrder.None => codec.Name,
                        RestorerOrder.After when ours && with == codec.Name => $"{codec.Name}, restored",
                        RestorerOrder.After => $"{codec.Name} → {with}",
                        _ => $"{with} → {codec.Name}",
                    };
                    lines[line] = new PlannedLine(line, label, id, restorer, order, ours);
                }
                Cell made = last ?? code;
                points.Add(new PlannedPoint(set.Name, picture.Name, line, setting, first, code, last, _metrics.ToDictionary(
                    each => each.Key,
                    each => Cell.Of(CellKind.Measure, $"llicm compare {target} {line}({input}) --metrics {each.Key}", made.Key, hash, each.Value.Identity))));
            }
        }
    }

    private static Cell Restoring(IRestorerUnderTest restorer, string input, Degradation task, params string[] on) => Cell.Of(
        CellKind.Restore, $"{restorer.Name} ({restorer.Settings}) of {input} for {task.ToString().ToLowerInvariant()}",
        [restorer.Name, restorer.Settings, task.ToString(), .. on]);

    private void AddTimes(SetPicture picture, List<PlannedTime> times)
    {
        PictureInfo info = PictureFile.Identify(picture.Input ?? picture.Target);
        foreach ((string id, ICodecUnderTest codec) in _codecs)
        {
            double setting = codec.Settings[codec.Settings.Count / 2];
            times.Add(new PlannedTime(id, setting, picture.Name, (long)info.Width * info.Height, Cell.Of(
                CellKind.Time, $"one thread: {codec.Command(setting)}", picture.Hash(), codec.Version, codec.Command(setting), Machine.Here.Processor, Machine.Here.System)));
        }
    }

    private JsonArray ReadPublished()
    {
        if (_config.Published is not { } name) return [];
        try
        {
            string path = Path.Combine(_root, Places.Expand(name));
            return JsonNode.Parse(File.ReadAllText(path, Encoding.UTF8)) as JsonArray ?? throw new JsonException("it is no list");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or BenchmarkException)
        {
            _gaps.Add(new Gap(null, "published", null, null, $"{name}: {error.Message.ReplaceLineEndings(" ")}"));
            return [];
        }
    }
}
