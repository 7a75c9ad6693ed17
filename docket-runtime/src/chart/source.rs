//! From what the macros wrote down to a [`Plan`].

use std::any::{TypeId, type_name};
use std::collections::{HashMap, HashSet};
use std::panic::Location;

use super::{
    Edge, EdgeKind, Entry, EntryItems, EntryParameter, Node, NodeKind, Options, Parameter, Plan,
    ResourceNode, StepNode, json, levels,
};
use crate::plan::{self, Form, NodeInfo, ParameterInfo, StepFacts};

/// A graph as `graph!` writes it down.
#[derive(Clone, Copy, Debug)]
pub struct GraphSource<'a> {
    name: &'static str,
    path: &'static str,
    doc: &'static str,
    location: &'static Location<'static>,
    nodes: &'static [NodeInfo],
    /// Each node after all that it needs.
    order: &'static [usize],
    /// What the compiler calls the types of the inputs, which are the first of the nodes.
    input_types: &'a [fn() -> &'static str],
    resources: &'a [ResourceSource],
    entries: &'a [EntrySource<'a>],
}

/// A resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceSource {
    setter: &'static str,
    ty: &'static str,
    doc: &'static str,
    resolved: fn() -> &'static str,
    id: fn() -> TypeId,
}

/// An entry.
#[derive(Clone, Copy, Debug)]
pub struct EntrySource<'a> {
    name: &'static str,
    doc: &'static str,
    /// Names and types.
    parameters: &'a [(&'static str, &'static str)],
    returns: &'static str,
    given: &'static [usize],
    outputs: &'static [usize],
    order: &'static [usize],
    /// By node, of an entry with items.
    each: Option<&'static [bool]>,
}

impl ResourceSource {
    /// The resource of type `T`.
    pub fn of<T: 'static>(setter: &'static str, ty: &'static str, doc: &'static str) -> Self {
        Self {
            setter,
            ty,
            doc,
            resolved: type_name::<T>,
            id: TypeId::of::<T>,
        }
    }
}

impl<'a> EntrySource<'a> {
    /// The entry that is given the nodes `given`, returns `outputs` and runs `order`.
    pub fn new(
        name: &'static str,
        doc: &'static str,
        parameters: &'a [(&'static str, &'static str)],
        returns: &'static str,
        given: &'static [usize],
        outputs: &'static [usize],
        order: &'static [usize],
    ) -> Self {
        Self {
            name,
            doc,
            parameters,
            returns,
            given,
            outputs,
            order,
            each: None,
        }
    }

    /// The same with items: which nodes are there for each.
    pub fn with_items(self, each: &'static [bool]) -> Self {
        Self {
            each: Some(each),
            ..self
        }
    }
}

impl<'a> GraphSource<'a> {
    /// The graph `G`, which stands where this is called.
    #[track_caller]
    pub fn new<G>(
        name: &'static str,
        doc: &'static str,
        nodes: &'static [NodeInfo],
        order: &'static [usize],
        input_types: &'a [fn() -> &'static str],
        resources: &'a [ResourceSource],
        entries: &'a [EntrySource<'a>],
    ) -> Self {
        Self {
            name,
            path: type_name::<G>(),
            doc,
            location: Location::caller(),
            nodes,
            order,
            input_types,
            resources,
            entries,
        }
    }

    /// All of it as data.
    pub fn plan(&self) -> Plan {
        let mut ids = Ids::default();
        // The steps' ids are their names in keys and errors, whatever else is called so.
        let steps: HashMap<usize, (String, StepFacts)> = (0..)
            .zip(self.nodes)
            .filter(|(_, node)| matches!(node.kind, plan::NodeKind::Step))
            .filter_map(|(i, node)| Some((i, (ids.take(node.name), (node.facts?)()))))
            .collect();
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        let mut nodes: Vec<Node> = Vec::new();
        for (i, info) in self.nodes.iter().enumerate() {
            let node = match (&info.kind, steps.get(&i)) {
                (plan::NodeKind::Absent, _) => continue,
                (plan::NodeKind::Step, Some((id, facts))) => step(info, id, facts),
                (plan::NodeKind::Step | plan::NodeKind::Input, _) => {
                    let resolved = self.input_types.get(i).map_or(info.ident, |it| it());
                    input(ids.take(info.ident), info.ident, resolved)
                }
            };
            numbers.insert(i, nodes.len());
            nodes.push(node);
        }
        let first_resource = nodes.len();
        let resources = self.resources.iter();
        nodes.extend(resources.map(|resource| resource.node(ids.take(resource.ty))));
        let mut edges = Vec::new();
        let mut needs = vec![Vec::new(); nodes.len()];
        for (i, info) in self.nodes.iter().enumerate() {
            let (Some(&to), Some((_, facts))) = (numbers.get(&i), steps.get(&i)) else {
                continue;
            };
            let mut values = info.needs.iter();
            for parameter in facts.info.parameters {
                let from = match parameter.form {
                    Form::Resource(id) => {
                        let resources = self.resources.iter();
                        let place = resources.clone().position(|it| (it.id)() == id());
                        place.map(|place| first_resource + place)
                    }
                    Form::Need | Form::Key | Form::Soft | Form::All => {
                        let from = values.next().and_then(|need| numbers.get(&need.node));
                        needs[to].extend(from);
                        from.copied()
                    }
                };
                let Some(from) = from else { continue };
                let Parameter {
                    name, kind, key, ..
                } = self::parameter(parameter);
                edges.push(Edge {
                    from: nodes[from].id.clone(),
                    to: nodes[to].id.clone(),
                    kind,
                    key,
                    parameter: name,
                });
            }
        }
        let order: Vec<usize> = self
            .order
            .iter()
            .filter_map(|it| numbers.get(it).copied())
            .collect();
        let levels = levels::levels(&nodes, &needs, &order);
        for (node, level) in nodes.iter_mut().zip(levels) {
            node.level = level;
        }
        let id = |node: &usize| nodes[numbers[node]].id.clone();
        let entries = self.entries.iter();
        let entries = entries.map(|entry| entry.entry(self.nodes, id)).collect();
        Plan {
            version: json::VERSION,
            name: self.name.to_owned(),
            path: self.path.to_owned(),
            doc: doc(self.doc),
            file: file(self.location),
            line: self.location.line(),
            nodes,
            edges,
            entries,
        }
    }
}

impl ResourceSource {
    fn node(&self, id: String) -> Node {
        Node {
            id,
            ty: self.ty.to_owned(),
            resolved: (self.resolved)().to_owned(),
            level: 0,
            kind: NodeKind::Resource(ResourceNode {
                setter: self.setter.to_owned(),
                doc: doc(self.doc),
            }),
        }
    }
}

impl EntrySource<'_> {
    fn entry(&self, nodes: &[NodeInfo], id: impl Fn(&usize) -> String) -> Entry {
        let parameters = self.parameters.iter().zip(self.given);
        let mut levels: HashMap<usize, usize> = HashMap::new();
        for &step in self.order {
            // What is given is not in the order, and so ends a chain.
            let needs = nodes[step].needs.iter();
            let before = needs.filter_map(|need| levels.get(&need.node)).max();
            levels.insert(step, 1 + before.copied().unwrap_or(0));
        }
        Entry {
            name: self.name.to_owned(),
            doc: doc(self.doc),
            parameters: parameters
                .map(|((name, ty), node)| EntryParameter {
                    name: (*name).to_owned(),
                    ty: (*ty).to_owned(),
                    node: id(node),
                })
                .collect(),
            returns: self.returns.to_owned(),
            outputs: self.outputs.iter().map(&id).collect(),
            steps: self.order.iter().map(&id).collect(),
            levels: levels.values().max().copied().unwrap_or(0),
            items: self.each.map(|each| self.items(each, nodes, &id)),
        }
    }

    fn items(
        &self,
        each: &[bool],
        nodes: &[NodeInfo],
        id: &impl Fn(&usize) -> String,
    ) -> EntryItems {
        let mut items = EntryItems {
            each: Vec::new(),
            aggregates: Vec::new(),
            shared: Vec::new(),
        };
        for node in self.given.iter().chain(self.order) {
            // What is given is no step here, whatever it needs elsewhere.
            let is_step = !self.given.contains(node);
            let list = if each[*node] {
                &mut items.each
            } else if is_step && nodes[*node].needs.iter().any(|need| need.all) {
                &mut items.aggregates
            } else {
                &mut items.shared
            };
            list.push(id(node));
        }
        items
    }
}

fn input(id: String, ty: &str, resolved: &str) -> Node {
    Node {
        id,
        ty: ty.to_owned(),
        resolved: resolved.to_owned(),
        level: 0,
        kind: NodeKind::Input,
    }
}

fn step(node: &NodeInfo, id: &str, facts: &StepFacts) -> Node {
    let StepFacts {
        path,
        makes,
        version,
        options,
        info,
    } = facts;
    Node {
        id: id.to_owned(),
        ty: info.makes.to_owned(),
        resolved: (*makes).to_owned(),
        level: 0,
        kind: NodeKind::Step(StepNode {
            function: node.ident.to_owned(),
            path: (*path).to_owned(),
            doc: doc(info.doc),
            file: info.location.map_or_else(String::new, file),
            line: info.location.map_or(0, Location::line),
            parameters: info.parameters.iter().map(parameter).collect(),
            options: Options::of(*version, options),
        }),
    }
}

fn parameter(parameter: &ParameterInfo) -> Parameter {
    let ParameterInfo { name, ty, form } = parameter;
    let (kind, key) = match form {
        Form::Need => (EdgeKind::Need, false),
        Form::Key => (EdgeKind::Need, true),
        Form::Soft => (EdgeKind::Soft, false),
        Form::All => (EdgeKind::All, false),
        Form::Resource(_) => (EdgeKind::Resource, false),
    };
    Parameter {
        name: (*name).to_owned(),
        ty: (*ty).to_owned(),
        kind,
        key,
    }
}

/// The same on all systems.
fn file(location: &Location<'_>) -> String {
    location.file().replace('\\', "/")
}

/// Documentation as it was meant: the compiler keeps the space after each `///`.
fn doc(text: &str) -> String {
    let lines = text.lines();
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    let text = lines.collect::<Vec<_>>().join("\n");
    text.trim_matches('\n').to_owned()
}

/// The ids that are taken.
#[derive(Default)]
struct Ids(HashSet<String>);

impl Ids {
    fn take(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        let mut n = 1;
        while !self.0.insert(id.clone()) {
            n += 1;
            id = format!("{wanted} ({n})");
        }
        id
    }
}
