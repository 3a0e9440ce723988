using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// What CLIP's image tower and DA-CLIP's controller share, all but the transformer between: patches, class token and
/// positions before it, pooling and projection after it. T = 1 + patches, the class token first.
/// </summary>
/// <typeparam name="TTransformer">The transformer, registered as <c>transformer</c>.</typeparam>
public abstract class VisionTower<TTransformer> : Module where TTransformer : Module
{
    private readonly int _imageSize, _patchSize;

    /// <summary>A tower with CLIP's initialisation.</summary>
    /// <param name="options">The sizes.</param>
    /// <param name="transformer">The transformer.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    protected VisionTower(ClipOptions options, Func<TTransformer> transformer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(transformer);
        options.Validate();
        (_imageSize, _patchSize) = (options.ImageSize, options.PatchSize);
        int width = options.VisionWidth;
        double scale = Math.Pow(width, -0.5);
        ClassEmbedding = Parameter("class_embedding", Initialization.Normal([width], scale));
        Positions = Parameter(
            "positional_embedding", Initialization.Normal([1 + options.GridSize * options.GridSize, width], scale));
        Projection = Parameter("proj", Initialization.Normal([width, options.EmbedDim], scale));
        PatchEmbedding = Child("conv1", new Conv2d(3, width, _patchSize, _patchSize, 0, bias: false));
        InputNorm = Child("ln_pre", new LayerNorm(width));
        Transformer = Child("transformer", transformer());
        OutputNorm = Child("ln_post", new LayerNorm(width));
    }

    /// <summary>[W], the first token.</summary>
    public Tensor ClassEmbedding { get; }

    /// <summary>[T, W].</summary>
    public Tensor Positions { get; }

    /// <summary>[W, E], multiplied from the right.</summary>
    public Tensor Projection { get; }

    /// <summary>
    /// The patches' linear map, kept as the convolution it is published as: [W, 3, patch, patch], no bias.
    /// </summary>
    public Conv2d PatchEmbedding { get; }

    /// <summary>Before the transformer.</summary>
    public LayerNorm InputNorm { get; }

    /// <summary>The transformer.</summary>
    public TTransformer Transformer { get; }

    /// <summary>After the transformer, on the class token.</summary>
    public LayerNorm OutputNorm { get; }

    /// <summary>
    /// Resizes a position table to another grid: bicubic with antialiasing, the class token's row as it is.
    /// </summary>
    /// <param name="positions">[1 + g², W].</param>
    /// <param name="grid">The new side G.</param>
    /// <returns>[1 + G², W].</returns>
    /// <exception cref="ArgumentException">The table is not that of a square grid.</exception>
    public static Tensor ResizePositions(Tensor positions, int grid)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(grid);
        long patches = positions.Size(0) - 1, width = positions.Size(1);
        long side = (long)Math.Round(Math.Sqrt(patches));
        if (positions.Rank != 2 || side < 1 || side * side != patches)
            throw new ArgumentException($"{positions} is not the position table of a square grid", nameof(positions));
        Tensor picture = positions.Narrow(0, 1, patches).To(ScalarType.Float)
            .Reshape(1, side, side, width).Permute(0, 3, 1, 2);
        Tensor resized = picture.UpsampleBicubicAntialias(grid, grid)
            .Permute(0, 2, 3, 1).Reshape((long)grid * grid, width).To(positions.Type);
        return Tensor.Cat(0, positions.Narrow(0, 0, 1), resized);
    }

    /// <summary>Cuts a picture into flat patches, ordered as <see cref="PatchEmbedding"/>'s weights are.</summary>
    /// <param name="image">[B, 3, S, S], preprocessed.</param>
    /// <returns>[B, patches, 3·patch²], in the element type of the weights.</returns>
    /// <exception cref="ArgumentException">The picture has another shape.</exception>
    public Tensor Patchify(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ReadOnlySpan<long> shape = image.Shape;
        if (shape.Length != 4 || shape[1] != 3 || shape[2] != _imageSize || shape[3] != _imageSize)
        {
            throw new ArgumentException(
                $"expected pictures [B, 3, {_imageSize}, {_imageSize}], got {image}", nameof(image));
        }
        long grid = _imageSize / _patchSize;
        return image.To(PatchEmbedding.Weight.Type)
            .Reshape(shape[0], 3, grid, _patchSize, grid, _patchSize)
            .Permute(0, 2, 4, 1, 3, 5).Reshape(shape[0], grid * grid, 3L * _patchSize * _patchSize);
    }

    /// <summary>The linear map of the patches [B, patches, 3·patch²] → [B, patches, W].</summary>
    public virtual Tensor EmbedPatches(Tensor patches) => patches.Linear(PatchEmbedding.Weight.Flatten(1));

    /// <summary>The transformer's input [B, T, W] from patches [B, patches, 3·patch²].</summary>
    public Tensor Embed(Tensor patches)
    {
        Tensor embedded = EmbedPatches(patches);
        Tensor token = ClassEmbedding.To(embedded.Type).Expand(embedded.Size(0), 1, -1);
        return InputNorm.Forward(Tensor.Cat(1, token, embedded) + Positions);
    }

    /// <summary>The normalised class token [B, W] of the transformer's output [B, T, W].</summary>
    public Tensor Pool(Tensor hidden) => OutputNorm.Forward(hidden.Select(1, 0));

    /// <summary>The embedding [B, E], not normalised, of the transformer's output [B, T, W].</summary>
    public Tensor Project(Tensor hidden) => Pool(hidden).Matmul(Projection);

    /// <inheritdoc/>
    protected override Tensor? Adapt(string name, Tensor stored) =>
        name == "positional_embedding" && stored.Rank == 2 && IsGrid(stored.Size(0) - 1)
            ? ResizePositions(stored, _imageSize / _patchSize)
            : null;

    private static bool IsGrid(long patches)
    {
        long side = (long)Math.Round(Math.Sqrt(patches));
        return side > 0 && side * side == patches;
    }
}
