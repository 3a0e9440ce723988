using LlIcm.Imaging;
using LlIcm.Torch;
using LlIcm.Zoo;

namespace LlIcm.Quality;

/// <summary>A metric that is ready to measure.</summary>
public sealed class QualityMetric : IDisposable
{
    private const int QAlignBatch = 4;

    private static readonly (MetricInfo Info, Func<string?, Device, QualityMetric> Open)[] s_catalogue =
    [
        Pixels("psnr", "PSNR of the mean squared error over R, G and B", "dB", (a, b) => FullReference.Psnr(a, b)),
        Pixels("psnr-y", "PSNR of BT.601 luma", "dB", (a, b) => FullReference.Psnr(a, b, PsnrConvention.Luma)),
        Pixels("psnr-pyiqa", "PSNR as IQA-PyTorch computes it", "dB",
            (a, b) => FullReference.Psnr(a, b, PsnrConvention.PyIqaRgb)),
        Pixels("ssim", "SSIM on RGB (pytorch_msssim)", "", (a, b) => FullReference.Ssim(a, b)),
        Pixels("ssim-pyiqa", "SSIM on luma (IQA-PyTorch)", "",
            (a, b) => FullReference.Ssim(a, b, SsimConvention.PyIqaLuma)),
        Pixels("ms-ssim", "MS-SSIM on RGB (pytorch_msssim)", "", (a, b) => FullReference.MsSsim(a, b)),
        Pixels("ms-ssim-db", "MS-SSIM on RGB in decibels", "dB",
            (a, b) => FullReference.MsSsimDecibels(FullReference.MsSsim(a, b))),
        Pixels("ms-ssim-pyiqa", "MS-SSIM on luma (IQA-PyTorch)", "",
            (a, b) => FullReference.MsSsim(a, b, SsimConvention.PyIqaLuma)),
        Perceptual("lpips-alex", LpipsNetwork.Alex),
        Perceptual("lpips-vgg", LpipsNetwork.Vgg),
        Perceptual("lpips-squeeze", LpipsNetwork.Squeeze),
        Blind("liqe", "LIQE, 1 (bad) to 5 (perfect)", LiqePrompts.All, LiqeVariant.Demo),
        Blind("liqe-koniq", "LIQE tuned on KonIQ-10k (IQA-PyTorch), 1 to 5",
            LiqePrompts.QualityOnly, LiqeVariant.PyIqa),
        Asked("q-align", "Q-Align, quality, 1 (bad) to 5 (excellent)", QAlignTask.Quality),
        Asked("q-align-aesthetics", "Q-Align, aesthetics, 1 (bad) to 5 (excellent)", QAlignTask.Aesthetics),
    ];

    private readonly Func<IReadOnlyList<PicturePair>, IReadOnlyList<QualityValue>> _measure;
    private readonly IDisposable? _model;

    private QualityMetric(
        MetricInfo info, Func<IReadOnlyList<PicturePair>, IReadOnlyList<QualityValue>> measure,
        IDisposable? model = null, int batch = 1) =>
        (Info, _measure, _model, BatchSize) = (info, measure, model, batch);

    /// <summary>Every metric there is.</summary>
    public static IReadOnlyList<MetricInfo> All { get; } = [.. s_catalogue.Select(each => each.Info)];

    /// <summary>What it is.</summary>
    public MetricInfo Info { get; }

    /// <summary>How many pictures at a time it likes to be given.</summary>
    public int BatchSize { get; }

    /// <summary>Makes a metric ready.</summary>
    /// <param name="name">One of the names in <see cref="All"/>.</param>
    /// <param name="store">Where weights are looked for.</param>
    /// <param name="device">Where networks run; null for the CPU.</param>
    /// <exception cref="QualityException">There is no such metric.</exception>
    /// <exception cref="ModelStoreException">Its weights are missing; the message says what to put where.</exception>
    public static QualityMetric Open(string name, ModelStore store, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        foreach ((MetricInfo info, Func<string?, Device, QualityMetric> open) in s_catalogue)
        {
            if (info.Name != name) continue;
            return open(info.Model is null ? null : store.Require(info.Model), device ?? Device.Cpu);
        }
        throw new QualityException($"no metric '{name}'; there are {string.Join(", ", All.Select(each => each.Name))}");
    }

    /// <summary>Measures one picture; what cannot be measured is a problem in the result, not an exception.</summary>
    public QualityValue Measure(PicturePair pair) => Measure([pair])[0];

    /// <summary>Measures pictures, several at a time where that is faster.</summary>
    public IReadOnlyList<QualityValue> Measure(IReadOnlyList<PicturePair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return [.. pairs.Chunk(BatchSize).SelectMany(MeasureSome)];
    }

    /// <inheritdoc/>
    public void Dispose() => _model?.Dispose();

    private IReadOnlyList<QualityValue> MeasureSome(PicturePair[] pairs)
    {
        try
        {
            return _measure(pairs);
        }
        catch (QualityException) when (pairs.Length > 1)
        {
            return [.. pairs.SelectMany(pair => MeasureSome([pair]))];
        }
        catch (QualityException error)
        {
            return [new QualityValue(null, null, error.Message)];
        }
    }

    private static (MetricInfo, Func<string?, Device, QualityMetric>) Pixels(
        string name, string description, string unit, Func<Picture, Picture, double> compute)
    {
        var info = new MetricInfo(name, description, unit, false, true, null);
        return (info, (_, _) => new QualityMetric(info, Each((reference, distorted) =>
            new QualityValue(compute(reference, distorted)))));
    }

    private static (MetricInfo, Func<string?, Device, QualityMetric>) Perceptual(string name, LpipsNetwork network)
    {
        var info = new MetricInfo(name, $"LPIPS 0.1 with {network} features", "", true, true, name);
        return (info, (path, device) =>
        {
            Lpips model = Lpips.Load(network, path!);
            model.To(device);
            return new QualityMetric(info, Each((reference, distorted) =>
                new QualityValue(model.Distance(reference, distorted))), model);
        });
    }

    private static (MetricInfo, Func<string?, Device, QualityMetric>) Blind(
        string name, string description, LiqePrompts prompts, LiqeVariant variant)
    {
        var info = new MetricInfo(name, description, "", false, false, name);
        return (info, (path, device) =>
        {
            Liqe model = Liqe.Load(path!, prompts, device);
            return new QualityMetric(info, pairs => [.. pairs.Select(pair =>
            {
                LiqeResult result = model.Score(pair.Distorted, variant);
                string? detail = result.LikelyScene is null ? null : $"{result.LikelyScene}, {result.LikelyDistortion}";
                return new QualityValue(result.Score, detail);
            })], model);
        });
    }

    private static (MetricInfo, Func<string?, Device, QualityMetric>) Asked(
        string name, string description, QAlignTask task)
    {
        var info = new MetricInfo(name, description, "", false, false, "q-align");
        return (info, (path, device) =>
        {
            var model = QAlign.Load(path!, device);
            return new QualityMetric(info, pairs => [.. model.Score([.. pairs.Select(pair => pair.Distorted)], task)
                .Select(result => new QualityValue(result.Score))], model, QAlignBatch);
        });
    }

    private static Func<IReadOnlyList<PicturePair>, IReadOnlyList<QualityValue>> Each(
        Func<Picture, Picture, QualityValue> measure) => pairs => [.. pairs.Select(pair => measure(
            pair.Reference ?? throw new QualityException("the metric needs the original"), pair.Distorted))];
}
