using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Torch;

namespace LlIcm.Tests.Pipeline;

/// <summary>
/// Files that the program of libtorch wrote, with their symbols and what they decoded to: they decode for ever. With LLICM_WRITE_GOLDEN
/// set to a folder the tests write a new set there instead, for a format or a model that is new; the old files stay.
/// </summary>
public class GoldenFileTests
{
    private const int Levels = 1;
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden");
    private static readonly string? s_write = Environment.GetEnvironmentVariable("LLICM_WRITE_GOLDEN");

    /// <summary>Model, name of the picture, quality.</summary>
    public static TheoryData<string, string, double> Cases { get; } = new()
    {
        { "compact", "colour", 1 }, { "compact", "colour", 4.3 }, { "compact", "colour", 8 }, { "compact", "grey", 3 },
        { "compact", "alpha", 5 }, { "compact", "dot", 6 }, { "compact", "tall", 7 },
        { "mlic", "colour", 1 }, { "mlic", "tall", 1 }, { "mlic-plus", "colour", 1 }, { "mlic-plus", "grey", 1 },
        { "mlic-plus-plus", "colour", 1 }, { "mlic-plus-plus", "alpha", 1 }, { "mlic-plus-plus", "dot", 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void AFileOfLibtorchDecodesForEver(string model, string picture, double quality)
    {
        string name = string.Create(null, $"{model}.{picture}.{quality}");
        using LlIcmModel loaded = Load(model);
        if (s_write is not null) Write(loaded, name, Draw(picture), quality);
        string folder = s_write ?? s_folder;
        byte[] file = File.ReadAllBytes(Path.Combine(folder, name + ".llic"));
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, name + ".json")))!;
        LlicFile llic = LlicFile.Read(file);

        Assert.Equal((string)expected["symbols"]!, SymbolsOf(loaded, llic));
        Picture decoded = new PictureCodec(loaded).Decompress(llic);
        Assert.Equal(((int)expected["width"]!, (int)expected["height"]!), (decoded.Width, decoded.Height));
        byte[] pixels = Unpack(Path.Combine(folder, name + ".rgb.br"));
        Assert.Equal(pixels.Length, decoded.Rgb.Length);
        Assert.InRange(pixels.Zip(decoded.Rgb, (a, b) => Math.Abs(a - b)).Max(), 0, Levels);
        Assert.Equal((string?)expected["alpha"], decoded.Alpha is { } alpha ? Hash(alpha) : null);
    }

    private static LlIcmModel Load(string model)
    {
        if (model == LlIcmModel.Compact) return LlIcmModel.Load();
        string folder = Path.Combine(s_write ?? s_folder, model);
        if (s_write is not null && !Directory.Exists(folder)) MakeModel(model, Directory.CreateDirectory(folder).FullName);
        return LlIcmModel.Load(folder);
    }

    // Small and untrained, but with a transform that carries the picture.
    private static void MakeModel(string model, string folder)
    {
        MlicOptions family = model switch
        {
            "mlic" => MlicOptions.Mlic,
            "mlic-plus" => MlicOptions.MlicPlus,
            _ => MlicOptions.MlicPlusPlus,
        };
        TorchRuntime.ManualSeed(11);
        using var codec = new MlicModel(family with
        {
            TransformWidths = [8, 8, 8],
            HyperWidth = 8,
            HyperSynthesisWidths = [8, 8],
            LatentWidth = 16,
            Slices = 2,
            AnalysisSkipKernel = 2,
            EntropyParameterWidths = [16, 12, 12],
            ChannelContextWidths = [12, 8, 8],
            ResidualPredictionWidths = [8, 8],
        });
        HaarInitialization.Apply(codec);
        using (GradMode.Disable())
            foreach ((string name, Tensor tensor) in codec.NamedParameters())
                // The latents of an untrained transform are below one half nearly everywhere.
                if (name == "g_a.analysis_transform.6.weight") tensor.MulInPlace(24);
                else if (name is "g_s.synthesis_transform.0.conv1.weight" or "g_s.synthesis_transform.1.upsample.0.weight") tensor.MulInPlace(1.0 / 24);
        LlIcmModel.SaveCodec(codec, Path.Combine(folder, "codec.safetensors"));
    }

    private static Picture Draw(string name)
    {
        switch (name)
        {
            case "grey":
                Picture coloured = TinyModel.Picture(65, 40, seed: 4);
                for (int i = 0; i < coloured.Rgb.Length; i += 3) coloured.Rgb.AsSpan(i + 1, 2).Fill(coloured.Rgb[i]);
                return coloured;
            case "alpha": return TinyModel.Picture(50, 33, seed: 5, alpha: true);
            case "dot": return TinyModel.Picture(1, 1, seed: 6);
            case "tall": return TinyModel.Picture(37, 130, seed: 7);
            default: return TinyModel.Picture(90, 70, seed: 3);
        }
    }

    private static void Write(LlIcmModel model, string name, Picture picture, double quality)
    {
        LlicFile llic = new PictureCodec(model).Compress(picture, new CompressOptions { Quality = quality });
        File.WriteAllBytes(Path.Combine(s_write!, name + ".llic"), llic.ToArray());
        Picture decoded = new PictureCodec(model).Decompress(llic);
        using (FileStream file = File.Create(Path.Combine(s_write!, name + ".rgb.br")))
        using (var brotli = new BrotliStream(file, CompressionLevel.SmallestSize))
            brotli.Write(decoded.Rgb);
        var facts = new JsonObject
        {
            ["width"] = decoded.Width,
            ["height"] = decoded.Height,
            ["symbols"] = SymbolsOf(model, llic),
            ["alpha"] = decoded.Alpha is { } alpha ? Hash(alpha) : null,
        };
        File.WriteAllText(Path.Combine(s_write!, name + ".json"), facts.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    // SHA-256 over all symbols of the latents in the order in which they are coded, as 32-bit integers.
    private static string SymbolsOf(LlIcmModel model, LlicFile llic)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int Latents(int pixels) => (pixels + 63) / 64 * 4;
        using Tensor latents = model.Coder.Decode(
            llic.Latents, Latents(llic.Header.Height), Latents(llic.Header.Width), true, null,
            symbols => hash.AppendData(MemoryMarshal.AsBytes(symbols.AsSpan()))).Unscoped();
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Unpack(string path)
    {
        using var memory = new MemoryStream();
        using var brotli = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
        brotli.CopyTo(memory);
        return memory.ToArray();
    }
}
