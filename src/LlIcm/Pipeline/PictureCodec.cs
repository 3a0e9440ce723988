using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Imaging;
using LlIcm.Tensors;

namespace LlIcm;

/// <summary>
/// Pictures to <c>.llic</c> files and back. The transforms run over strips whose halo covers their receptive field, so that memory
/// stays bounded and the result is that of the whole picture.
/// </summary>
public sealed class PictureCodec
{
    // Latents a pixel of which can depend on: 57 rows for g_a, 6.5 latents (of 16 rows) for g_s.
    private const int AnalysisHalo = 64, SynthesisHalo = 8 * LatentStep;
    private const int LatentStep = 16;

    private readonly LlIcmModel _model;

    /// <summary>A codec with a model's weights.</summary>
    public PictureCodec(LlIcmModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
    }

    /// <summary>Pixels of one strip without its halo; larger strips are faster, smaller ones need less memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public long StripPixels
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 1 << 21;

    private MlicCoder Coder => _model.Coder;

    /// <summary>Compresses a picture of any size.</summary>
    /// <param name="picture">8-bit sRGB; alpha is kept losslessly.</param>
    /// <param name="options">Quality or target size.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Takes effect within half a second.</param>
    /// <exception cref="ArgumentException">An option makes no sense, two of them contradict each other, or the mask has another size than the picture.</exception>
    /// <exception cref="PictureCodecException">The target size can't be reached.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public LlicFile Compress(
        Picture picture, CompressOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        options ??= new CompressOptions();
        options.Validate();
        bool[]? holes = options.Mask is { } mask ? HoleMask.Read(mask, picture.Width, picture.Height)
            : options.FindPaintedHoles || options.Degradation == Degradation.Uncompleted ? HoleMask.Painted(picture) : null;
        byte[]? marks = null;
        if (holes is not null)
        {
            picture = HoleMask.Fill(picture, holes);
            marks = HoleMaskCodec.Encode(holes, picture.Width, picture.Height);
            options = options with { Degradation = options.Degradation ?? Degradation.Uncompleted };
        }
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        Coder.Prepare(encoding: true);
        Tensor latents = Analyse(picture, progress, cancellation);
        byte[]? alpha = picture.Alpha is { } plane ? AlphaCodec.Encode(plane, picture.Width, picture.Height) : null;
        LlicFile At(double quality)
        {
            cancellation.ThrowIfCancellationRequested();
            return Encode(picture, latents, alpha, marks, quality, options, cancellation);
        }

        double? target = options.TargetBytes ?? options.BitsPerPixel * picture.Width * picture.Height / 8;
        LlicFile file = target is { } bytes ? Search(At, bytes) : At(options.Quality ?? CompressOptions.DefaultQuality);
        progress?.Report(1);
        return file;
    }

    /// <summary>As <see cref="Compress"/>, on a thread of the pool.</summary>
    public Task<LlicFile> CompressAsync(
        Picture picture, CompressOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Task.Run(() => Compress(picture, options, progress, cancellation), cancellation);

    /// <summary>As <see cref="Decompress"/>, on a thread of the pool.</summary>
    public Task<Picture> DecompressAsync(LlicFile file, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Task.Run(() => Decompress(file, progress, cancellation), cancellation);

    /// <summary>Decodes a file.</summary>
    /// <param name="file">A file made with this model.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Takes effect within half a second.</param>
    /// <exception cref="ModelException">It was made with another model.</exception>
    /// <exception cref="LlicFormatException">The streams are damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Picture Decompress(
        LlicFile file, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        _model.RequireFor(file.Header);
        LlicHeader header = file.Header;
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        byte[]? alpha = file.DecodeAlpha();
        int height = Padded(header.Height), width = Padded(header.Width);
        Coder.Prepare(encoding: false);
        Tensor latents;
        try
        {
            latents = Coder.Decode(file.Latents, height / LatentStep, width / LatentStep, cancellation);
        }
        catch (EntropyCodingException error)
        {
            throw new LlicFormatException($"the coded picture is damaged: {error.Message}", error);
        }
        progress?.Report(0.5);
        byte[] rgb = Synthesise(latents, header, progress, cancellation);
        if (header.IsGrey) MakeGrey(rgb);
        return new Picture(header.Width, header.Height, rgb, alpha) { Exif = file.Exif, Xmp = file.Xmp };
    }

    internal Tensor Analyse(Picture picture, IProgress<double>? progress, CancellationToken cancellation)
    {
        int height = Padded(picture.Height), width = Padded(picture.Width);
        var parts = new List<Tensor>();
        int rows = RowsOfStrip(width);
        for (int top = 0; top < height; top += rows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            int count = Math.Min(rows, height - top);
            int from = Math.Max(0, top - AnalysisHalo), to = Math.Min(height, top + count + AnalysisHalo);
            Tensor strip = Coder.Analyse(PictureTensor.From(picture, from, to - from, width), cancellation);
            Tensor own = strip.Narrow(2, (top - from) / LatentStep, count / LatentStep);
            parts.Add(scope.Keep(own.Clone()));
            progress?.Report(0.5 * (top + count) / height);
        }
        if (parts.Count == 1) return parts[0];
        Tensor whole = Tensor.Cat(2, [.. parts]);
        foreach (Tensor part in parts) part.Dispose();
        return whole;
    }

    private byte[] Synthesise(Tensor latents, LlicHeader header, IProgress<double>? progress, CancellationToken cancellation)
    {
        byte[] rgb = new byte[3L * header.Width * header.Height];
        int height = Padded(header.Height), rows = RowsOfStrip(Padded(header.Width));
        for (int top = 0; top < header.Height; top += rows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            int end = Math.Min(top + rows, height);
            int from = Math.Max(0, top - SynthesisHalo), to = Math.Min(height, end + SynthesisHalo);
            Tensor part = latents.Narrow(2, from / LatentStep, (to - from) / LatentStep);
            Tensor strip = Coder.Synthesise(part, header.Quality, cancellation);
            PictureTensor.Store(
                strip, top - from, rgb, header.Width, top, Math.Min(end, header.Height) - top);
            progress?.Report(0.5 + 0.5 * end / height);
        }
        return rgb;
    }

    private LlicFile Encode(Picture picture, Tensor analysed, byte[]? alpha, byte[]? holes, double quality, CompressOptions options, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var header = new LlicHeader
        {
            Width = picture.Width,
            Height = picture.Height,
            Model = _model.Identity,
            Quality = _model.Codec.Gains is null ? 0 : quality,
            ScaleEpsilon = MlicModel.BoundaryEpsilon,
            IsGrey = IsGrey(picture.Rgb),
            Degradation = options.Degradation,
        };
        // The header rounds the quality, and the decoder will know the rounded one only.
        Tensor latents = Coder.Gain(header.Quality) is { } gain ? analysed * gain : analysed;
        return new LlicFile
        {
            Header = header,
            Latents = Coder.Encode(latents, header.ScaleEpsilon, cancellation),
            // A null array would convert to an empty payload, which is not none.
            AlphaPayload = alpha is null ? null : (ReadOnlyMemory<byte>?)alpha,
            HolesPayload = holes is null ? null : (ReadOnlyMemory<byte>?)holes,
            Exif = options.KeepMetadata ? picture.Exif : null,
            Xmp = options.KeepMetadata ? picture.Xmp : null,
        };
    }

    /// <summary>The best quality whose file is not larger than the target, to a sixteenth of a step.</summary>
    private static LlicFile Search(Func<double, LlicFile> at, double target)
    {
        LlicFile best = at(LlicHeader.MinQuality);
        int smallest = best.ToArray().Length;
        if (smallest > target)
            throw new PictureCodecException(
                $"{Math.Floor(target):F0} bytes can't be reached: the lowest quality needs {smallest}");
        LlicFile highest = at(LlicHeader.MaxQuality);
        if (highest.ToArray().Length <= target) return highest;
        double low = LlicHeader.MinQuality, high = LlicHeader.MaxQuality;
        while (high - low > 1.0 / 16)
        {
            double middle = (low + high) / 2;
            LlicFile candidate = at(middle);
            if (candidate.ToArray().Length <= target) (low, best) = (middle, candidate);
            else high = middle;
        }
        return best;
    }

    private int RowsOfStrip(int width) =>
        (int)Math.Max(MlicModel.Stride, StripPixels / width / MlicModel.Stride * MlicModel.Stride);

    private static int Padded(int size) => (size + MlicModel.Stride - 1) / MlicModel.Stride * MlicModel.Stride;

    private static bool IsGrey(ReadOnlySpan<byte> rgb)
    {
        for (int i = 0; i < rgb.Length; i += 3)
            if (rgb[i] != rgb[i + 1] || rgb[i] != rgb[i + 2]) return false;
        return true;
    }

    private static void MakeGrey(Span<byte> rgb)
    {
        for (int i = 0; i < rgb.Length; i += 3)
        {
            byte grey = (byte)((rgb[i] + rgb[i + 1] + rgb[i + 2] + 1) / 3);
            rgb.Slice(i, 3).Fill(grey);
        }
    }
}
