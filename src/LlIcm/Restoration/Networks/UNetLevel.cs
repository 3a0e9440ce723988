using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>A level on the way down or up: two blocks, attention and the change of size.</summary>
internal sealed class UNetLevel : Module
{
    public UNetLevel(ResBlock first, ResBlock second, PreNormAttention attention, UnaryModule resize)
    {
        First = Child("0", first);
        Second = Child("1", second);
        Attention = Child("2", attention);
        Resize = Child("3", resize);
    }

    public ResBlock First { get; }

    public ResBlock Second { get; }

    public PreNormAttention Attention { get; }

    public UnaryModule Resize { get; }
}
