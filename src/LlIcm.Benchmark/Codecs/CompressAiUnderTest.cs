using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using LlIcm.Codecs.CompressAi;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Benchmark;

/// <summary>
/// CompressAI's codecs (Ballé 2018, Minnen 2018, Cheng 2020) with published checkpoints, one a rate. The file is 8 bytes of header (sides and the first
/// stream's length) and the streams.
/// </summary>
public sealed class CompressAiUnderTest : ICodecUnderTest, IDisposable
{
    private const int Stride = 64, Header = 8;

    private readonly IReadOnlyList<string> _weights;
    private readonly Lock _turn = new();
    private (double Setting, CompressAiCodec Codec)? _loaded;

    /// <summary>A codec of checkpoints; each is loaded when its turn comes, and one is kept.</summary>
    /// <param name="name">The name on curves.</param>
    /// <param name="weights">Checkpoints from low to high rate; the settings are their places, from 1.</param>
    /// <exception cref="BenchmarkException">One is missing.</exception>
    public CompressAiUnderTest(string name, IReadOnlyList<string> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        (Name, _weights) = (name, weights);
        foreach (string path in weights)
            if (!File.Exists(path)) throw new BenchmarkException($"{path}: no such file (weights of {name})");
        Settings = [.. Enumerable.Range(1, weights.Count).Select(i => (double)i)];
        Version = "CompressAI's networks, weights " + Convert.ToHexStringLower(SHA256.HashData([.. weights.SelectMany(path => SHA256.HashData(File.ReadAllBytes(path)))]))[..16];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Chroma => "RGB";

    /// <inheritdoc/>
    public string Version { get; }

    /// <inheritdoc/>
    public IReadOnlyList<double> Settings { get; }

    /// <inheritdoc/>
    public string Command(double setting) => $"{Path.GetFileName(_weights[(int)setting - 1])} on INPUT";

    /// <inheritdoc/>
    public CodedPicture Code(Picture picture, Picture? mask, double setting, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        lock (_turn)
        {
            CompressAiCodec codec = Load(setting);
            (int height, int width) = (Padded(picture.Height), Padded(picture.Width));
            using var scope = new TensorScope();
            using IDisposable host = HostEngine.Instance.Use();
            long begun = Stopwatch.GetTimestamp();
            byte[] file = Write(codec.Encode(PictureTensor.From(picture, 0, height, width)), picture);
            double encoding = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            begun = Stopwatch.GetTimestamp();
            byte[] rgb = new byte[picture.Rgb.Length];
            PictureTensor.Store(codec.Decode(Read(file), height, width), 0, rgb, picture.Width, 0, picture.Height);
            return new CodedPicture(file.Length, new Picture(picture.Width, picture.Height, rgb))
            {
                EncodeSeconds = encoding,
                DecodeSeconds = Stopwatch.GetElapsedTime(begun).TotalSeconds,
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _loaded?.Codec.Dispose();

    private CompressAiCodec Load(double setting)
    {
        if (_loaded is { } loaded && loaded.Setting == setting) return loaded.Codec;
        _loaded?.Codec.Dispose();
        _loaded = null;
        string path = _weights[(int)setting - 1];
        try
        {
            using WeightFile file = WeightFile.Open(path);
            CompressAiCodec codec = CompressAiCodec.Load(file);
            _loaded = (setting, codec);
            return codec;
        }
        catch (Exception error) when (error is WeightFormatException or IOException)
        {
            throw new BenchmarkException(string.Create(CultureInfo.InvariantCulture, $"{Name}, setting {setting}: {error.Message.ReplaceLineEndings(" ")}"), error);
        }
    }

    private static byte[] Write(CompressAiStreams streams, Picture picture)
    {
        byte[] head = new byte[Header];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)picture.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(2), (ushort)picture.Height);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), streams.Latents.Length);
        return [.. head, .. streams.Latents, .. streams.Hyper ?? []];
    }

    private static CompressAiStreams Read(byte[] file)
    {
        int latents = Header + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        return new CompressAiStreams(file[Header..latents], latents < file.Length ? file[latents..] : null);
    }

    private static int Padded(int side) => (side + Stride - 1) / Stride * Stride;
}
