//! Continuations as one tree: what several have in common is read once.

/// The tree. A node stands after its parent and before every deeper one, so that it can be read in pieces from the front.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trie<T> {
    pub(crate) nodes: Vec<Node<T>>,
}

/// A token that follows the prompt in some of the continuations.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node<T> {
    pub(crate) token: T,
    /// Tokens between the prompt and this one.
    pub(crate) depth: usize,
    /// Which continuations go through it.
    pub(crate) members: Vec<usize>,
}

impl<T: Copy + PartialEq> Trie<T> {
    /// The tree of those tokens that another follows: the last of a continuation is predicted, never read.
    pub(crate) fn of(continuations: &[Vec<T>]) -> Self {
        let deepest = continuations.iter().map(Vec::len).max().unwrap_or(0);
        let mut nodes: Vec<Node<T>> = Vec::new();
        for depth in 0..deepest.saturating_sub(1) {
            let begin = nodes.len();
            for (member, tokens) in continuations.iter().enumerate() {
                if depth + 1 >= tokens.len() {
                    continue;
                }
                let token = tokens[depth];
                let same_way = |node: &Node<T>| {
                    node.token == token && continuations[node.members[0]][..depth] == tokens[..depth]
                };
                match nodes[begin..].iter_mut().find(|node| same_way(node)) {
                    Some(node) => node.members.push(member),
                    None => nodes.push(Node { token, depth, members: vec![member] }),
                }
            }
        }
        Self { nodes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_continuations_share_is_one_node_and_their_last_tokens_are_none() {
        let words = ["place of birth", "place of death", "spouse", "place names"];
        let tokens: Vec<Vec<&str>> = words.iter().map(|text| text.split(' ').collect()).collect();
        let nodes = Trie::of(&tokens).nodes;
        let seen: Vec<_> =
            nodes.iter().map(|node| (node.token, node.depth, node.members.as_slice())).collect();
        assert_eq!(seen, [("place", 0, &[0, 1, 3][..]), ("of", 1, &[0, 1][..])]);
    }

    #[test]
    fn the_same_token_on_two_ways_is_two_nodes() {
        let nodes = Trie::of(&[vec![1, 5, 9], vec![2, 5, 9]]).nodes;
        assert_eq!(nodes.len(), 4);
        assert!(Trie::<u8>::of(&[vec![], vec![1]]).nodes.is_empty());
        assert!(Trie::<u8>::of(&[]).nodes.is_empty());
    }
}
