using System.Globalization;
using LlIcm.Imaging;
using LlIcm.Onnx;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;
using LlIcm.Zoo;

namespace LlIcm.Quality;

/// <summary>
/// Learned perceptual picture patch similarity, version 0.1 (Zhang, Isola, Efros, Shechtman, Wang: The Unreasonable
/// Effectiveness of Deep Features as a Perceptual Metric, CVPR 2018; github.com/richzhang/PerceptualSimilarity). 0 for
/// equal pictures, larger is worse.
/// </summary>
/// <remarks>
/// The linear layers are embedded; the features of the classification network come from torchvision's checkpoints. Memory
/// beside the weights, at the peak: about 0.4 kB a pixel with AlexNet, 0.6 kB with SqueezeNet, 1.3 kB with VGG16, because
/// both pictures' features of a layer are alive at the same time.
/// </remarks>
public sealed class Lpips : Module
{
    /// <summary>The environment variable that names weights of SqueezeNet.</summary>
    public const string WeightsVariable = "LLICM_LPIPS_WEIGHTS";

    /// <summary>Under what name the model store keeps weights of SqueezeNet.</summary>
    public const string StoreName = "lpips-squeeze";

    private const double Epsilon = 1e-10;

    // Values of a layer that are compared at a time: what that needs beside the features stays in the cache.
    private const long BandValues = 1 << 20;

    private readonly ScalingLayer _scaling;
    private readonly Sequential _features;
    private readonly LinearLayer[] _linear;
    private readonly int[] _taps;
    private readonly Lazy<OnnxProgram> _distance;

    /// <summary>LPIPS with its linear layers; the features' weights are still to be loaded.</summary>
    public Lpips(LpipsNetwork network)
    {
        Network = network;
        _distance = new(() => OnnxProgram.Record(
            "LPIPS", [new GraphInput([1, 3, -1, -1]), new GraphInput([1, 3, -1, -1])], pictures => [Forward(pictures[0], pictures[1])]));
        _scaling = Child("scaling_layer", new ScalingLayer());
        _features = Child("features", new Sequential(LpipsBackbone.Layers(network)));
        _taps = LpipsBackbone.Taps(network);
        _linear = new LinearLayer[_taps.Length];
        using SafeTensorsFile published = SafeTensorsFile.Open(LinearLayers(), "the linear layers of LPIPS");
        string prefix = network.ToString().ToLowerInvariant();
        for (int i = 0; i < _linear.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"lin{i}");
            StoredTensor stored = published[$"{prefix}.{name}.model.1.weight"];
            _linear[i] = Child(name, new LinearLayer(stored.Shape[1]));
            using Tensor weight = Tensor.FromBytes(stored.Data, stored.Type, stored.Shape).Unscoped();
            _linear[i].Weight.CopyInPlace(weight);
        }
    }

    /// <summary>Whose features are compared.</summary>
    public LpipsNetwork Network { get; }

    /// <summary>Weights of SqueezeNet: a named file, the environment's (<see cref="WeightsVariable"/>) or the store's.</summary>
    /// <param name="named">A file that goes before the others; null or empty for none.</param>
    /// <returns>A path that may not exist if it was named; null where there is none.</returns>
    public static string? FindWeights(string? named = null)
    {
        if (string.IsNullOrEmpty(named)) named = Environment.GetEnvironmentVariable(WeightsVariable);
        return string.IsNullOrEmpty(named) ? new ModelStore().Find(StoreName) : named;
    }

    /// <summary>
    /// Reads the weights from a torchvision checkpoint of the network (<c>features.*</c>; the classifier is not looked
    /// at), or from LPIPS' own full state dict (<c>net.sliceN.*</c>).
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="WeightFormatException">The file is damaged or of no known format.</exception>
    /// <exception cref="QualityException">The file holds another network's weights.</exception>
    public static Lpips Load(LpipsNetwork network, string path)
    {
        using WeightFile file = WeightFile.Open(path);
        return Load(network, file);
    }

    /// <summary>The same from an open file.</summary>
    /// <exception cref="QualityException">The file holds another network's weights.</exception>
    public static Lpips Load(LpipsNetwork network, WeightFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Dictionary<string, StoredTensor> stored = [];
        foreach ((string name, StoredTensor tensor) in file.Tensors)
        {
            if (name.StartsWith("features.", StringComparison.Ordinal)) stored[name] = tensor;
            else if (name.StartsWith("net.slice", StringComparison.Ordinal))
                stored["features." + name[(name.IndexOf('.', "net.slice".Length) + 1)..]] = tensor;
        }
        using IDisposable skip = Initialization.Skip();
        var model = new Lpips(network);
        try
        {
            model._features.LoadState(name => stored.TryGetValue("features." + name, out StoredTensor? found)
                ? Tensor.FromBytes(found.Data, found.Type, found.Shape)
                : null);
        }
        catch (TensorException error)
        {
            model.Dispose();
            throw new QualityException($"{file.Source}: not the weights of LPIPS {network}: {error.Message}", error);
        }
        return model;
    }

    /// <summary>The distance of each pair, [B, 1, 1, 1].</summary>
    /// <param name="first">[B, 3, H, W] RGB in [-1, 1].</param>
    /// <param name="second">The same shape.</param>
    /// <exception cref="QualityException">The shapes differ.</exception>
    public Tensor Forward(Tensor first, Tensor second)
    {
        Tensor? total = null;
        foreach (Tensor layer in Layers(first, second)) total = total is null ? layer : total + layer;
        return total!;
    }

    /// <summary>The distance of each pair at each layer, [B, 1, 1, 1]; their sum is LPIPS.</summary>
    /// <param name="first">[B, 3, H, W] RGB in [-1, 1].</param>
    /// <param name="second">The same shape.</param>
    /// <param name="calibrated">Without, the channels count equally: the paper's uncalibrated baseline.</param>
    /// <exception cref="QualityException">The shapes differ.</exception>
    public Tensor[] Layers(Tensor first, Tensor second, bool calibrated = true) =>
        Compare(first, second, calibrated, map => map.Mean([2, 3], keep: true));

    /// <summary>
    /// Where the difference lies: [B, 1, H, W], each layer's map enlarged bilinearly to the pictures' size.
    /// </summary>
    /// <param name="first">[B, 3, H, W] RGB in [-1, 1].</param>
    /// <param name="second">The same shape.</param>
    /// <exception cref="QualityException">The shapes differ.</exception>
    public Tensor Map(Tensor first, Tensor second)
    {
        Tensor? total = null;
        foreach (Tensor map in Compare(first, second, true, map => map.UpsampleBilinear(first.Size(2), first.Size(3))))
            total = total is null ? map : total + map;
        return total!;
    }

    /// <summary>The distance of two 8-bit pictures.</summary>
    /// <exception cref="QualityException">The sizes differ, or are too small for the network.</exception>
    public double Distance(Picture reference, Picture distorted)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        Tensor first = ToTensor(reference), second = ToTensor(distorted);
        Check(first, second);
        return _distance.Value.Run([first, second])[0].Item();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_distance.IsValueCreated) _distance.Value.Dispose();
        base.Dispose();
    }

    /// <summary>The features that are compared, before normalisation: one [B, C, H', W'] a layer.</summary>
    internal List<Tensor> Features(Tensor input)
    {
        Tensor x = _scaling.Forward(input);
        var taps = new List<Tensor>();
        for (int i = 0; i <= _taps[^1]; i++)
        {
            x = _features.Modules[i].Forward(x);
            if (_taps.Contains(i)) taps.Add(x);
        }
        return taps;
    }

    /// <summary>[1, 3, H, W] in [-1, 1] on this module's device.</summary>
    internal Tensor ToTensor(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Tensor bytes = Tensor.FromBytes(picture.Rgb, ScalarType.Byte, [1, picture.Height, picture.Width, 3]);
        return bytes.To(ScalarType.Float).Permute(0, 3, 1, 2).Contiguous() / 127.5 - 1;
    }

    private static ReadOnlyMemory<byte> LinearLayers()
    {
        using Stream stream = typeof(Lpips).Assembly.GetManifestResourceStream("lpips.lin_v0.1.safetensors")!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    // The smaller summand changes no value; without it the root's gradient is not finite where all features are 0.
    private static Tensor Normalise(Tensor features) =>
        features / ((features.Square().Sum([1], keep: true) + Epsilon * Epsilon).Sqrt() + Epsilon);

    private Tensor[] Compare(Tensor first, Tensor second, bool calibrated, Func<Tensor, Tensor> reduce)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        // A recorded graph's sizes are open: whoever runs it checks.
        if (!first.IsSymbolic) Check(first, second);
        // With the channels together, pooling and the sums over channels are vectorised.
        Tensor a = _scaling.Forward(first).Contiguous(MemoryFormat.ChannelsLast);
        Tensor b = _scaling.Forward(second).Contiguous(MemoryFormat.ChannelsLast);
        var results = new Tensor[_taps.Length];
        for (int tap = 0, layer = 0; tap < _taps.Length; layer = _taps[tap] + 1, tap++)
        {
            // Both walk the network together, and what a step leaves behind is freed: only this bounds the memory.
            Tensor nextA = Advance(a, layer, _taps[tap]), nextB = Advance(b, layer, _taps[tap]);
            a.Dispose();
            b.Dispose();
            (a, b) = (nextA, nextB);
            using var step = new TensorScope();
            results[tap] = step.Keep(reduce(Difference(a, b, calibrated ? _linear[tap].Weight : null)));
        }
        a.Dispose();
        b.Dispose();
        return results;
    }

    private void Check(Tensor first, Tensor second)
    {
        if (first.Rank != 4 || first.Size(1) != 3 || !first.Shape.SequenceEqual(second.Shape))
            throw new QualityException($"LPIPS takes two equal shapes [B, 3, H, W], not {first} and {second}");
        int smallest = Network == LpipsNetwork.Vgg ? 16 : Network == LpipsNetwork.Alex ? 31 : 17;
        if (Math.Min(first.Size(2), first.Size(3)) < smallest)
            throw new QualityException($"LPIPS {Network} takes sides of at least {smallest} pixels, not {first}");
    }

    private Tensor Advance(Tensor input, int first, int last)
    {
        Tensor x = input;
        for (int layer = first; layer <= last; layer++)
        {
            using var scope = new TensorScope();
            Tensor next = scope.Keep(_features.Modules[layer].Forward(x));
            if (layer > first) x.Dispose();
            x = next;
        }
        return x;
    }

    // [B, 1, H, W]; in bands of rows.
    private static Tensor Difference(Tensor a, Tensor b, Tensor? weight)
    {
        if (a.IsSymbolic) return Compared(a, b);
        long rows = Math.Max(1, BandValues / (a.Size(0) * a.Size(1) * a.Size(3)));
        var bands = new List<Tensor>();
        for (long row = 0; row < a.Size(2); row += rows)
        {
            using var scope = new TensorScope();
            long count = Math.Min(rows, a.Size(2) - row);
            bands.Add(scope.Keep(Compared(a.Narrow(2, row, count), b.Narrow(2, row, count))));
        }
        return bands.Count == 1 ? bands[0] : Tensor.Cat(2, [.. bands]);

        Tensor Compared(Tensor x, Tensor y)
        {
            Tensor square = (Normalise(x) - Normalise(y)).Square();
            return weight is null ? square.Sum([1], keep: true) : square.Conv2d(weight);
        }
    }

    /// <summary>
    /// Maps [-1, 1] onto the networks' input. The numbers resemble ImageNet's statistics, and differ.
    /// </summary>
    private sealed class ScalingLayer : UnaryModule
    {
        private static readonly float[] s_shift = [-.030f, -.088f, -.188f], s_scale = [.458f, .448f, .450f];
        private readonly Tensor _shift, _scale;

        public ScalingLayer()
        {
            _shift = Buffer("shift", Tensor.From<float>(s_shift, [1, 3, 1, 1]));
            _scale = Buffer("scale", Tensor.From<float>(s_scale, [1, 3, 1, 1]));
        }

        public override Tensor Forward(Tensor input) => (input - _shift) / _scale;
    }

    /// <summary>
    /// One weight a channel, named as published: <c>model.1.weight</c> (behind a dropout that is off).
    /// </summary>
    private sealed class LinearLayer : Module
    {
        private readonly Conv2d _convolution;

        public LinearLayer(long channels)
        {
            _convolution = new Conv2d(channels, 1, 1, bias: false);
            Child("model", new Sequential(Activation.Identity(), _convolution));
        }

        public Tensor Weight => _convolution.Weight;
    }
}
